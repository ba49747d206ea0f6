import { describe, expect, it } from 'vitest';
import type { Described, DriverSession } from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import { Sessions } from './sessions.ts';

/** A driver that keeps a diary of its sessions. */
function diarist(refuses: (topology: string) => boolean = () => false) {
  const diary: string[] = [];
  const driver = {
    open: async ({ topology }: Described): Promise<DriverSession> => {
      diary.push(`open ${topology}`);
      if (refuses(topology)) throw new HarnessError('It does not start.');
      return { close: async () => void diary.push(`close ${topology}`) } as DriverSession;
    },
  };
  return { diary, sessions: new Sessions(driver) };
}

describe('the sessions of a run', () => {
  it('keep the one that fits, and close it before another is in use', async () => {
    const { diary, sessions } = diarist();
    expect(await sessions.in({ topology: 'plain' })).toBe(await sessions.in({ topology: 'plain' }));
    await sessions.in({ topology: 'mmio' });
    expect(diary).toEqual(['open plain', 'close plain', 'open mmio']);
  });

  it('are kept apart by what else stands in the description', async () => {
    const { diary, sessions } = diarist();
    const odd = { topology: 'plain', oddities: ['viot-revision-1'] } as const;
    await sessions.in({ topology: 'plain' });
    await sessions.in(odd);
    await sessions.in({ ...odd });
    expect(diary).toEqual(['open plain', 'close plain', 'open plain']);
  });

  it('try again where one did not start', async () => {
    let isBroken = true;
    const { diary, sessions } = diarist((topology) => isBroken && topology === 'mmio');
    await sessions.in({ topology: 'plain' });
    await expect(sessions.in({ topology: 'mmio' })).rejects.toThrow('It does not start.');
    await sessions.end();
    isBroken = false;
    await sessions.in({ topology: 'mmio' });
    expect(diary).toEqual(['open plain', 'close plain', 'open mmio', 'open mmio']);
  });
});
