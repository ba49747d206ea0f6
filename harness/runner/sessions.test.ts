import { describe, expect, it } from 'vitest';
import type { DriverSession } from '../driver-contract/driver-session.ts';
import { HarnessError } from '../harness-error.ts';
import { Sessions } from './sessions.ts';

/** A driver that keeps a diary of its sessions. */
function diarist(startsSlowly: boolean, refuses: (topology: string) => boolean = () => false) {
  const diary: string[] = [];
  const driver = {
    startsSlowly,
    open: async (topology: string): Promise<DriverSession> => {
      diary.push(`open ${topology}`);
      if (refuses(topology)) throw new HarnessError('It does not start.');
      return { close: async () => void diary.push(`close ${topology}`) } as DriverSession;
    },
  };
  return { diary, sessions: new Sessions(driver) };
}

describe('the sessions of a run', () => {
  it('keep the one that fits, and close it before another is in use', async () => {
    const { diary, sessions } = diarist(false);
    expect(await sessions.in({ topology: 'plain' })).toBe(await sessions.in({ topology: 'plain' }));
    await sessions.in({ topology: 'mmio' });
    expect(diary).toEqual(['open plain', 'close plain', 'open mmio']);
  });

  it('are kept apart by what else stands in the description', async () => {
    const { diary, sessions } = diarist(false);
    const odd = { topology: 'plain', oddities: ['viot-revision-1'] } as const;
    await sessions.in({ topology: 'plain' });
    await sessions.in(odd);
    await sessions.in({ ...odd });
    expect(diary).toEqual(['open plain', 'close plain', 'open plain']);
  });

  it('start the next one early if the driver starts slowly, once', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in({ topology: 'plain' });
    sessions.prepare([{ topology: 'mmio' }]);
    sessions.prepare([{ topology: 'mmio' }]);
    await sessions.in({ topology: 'mmio' });
    expect(diary).toEqual(['open plain', 'open mmio', 'close plain']);
  });

  it('start nothing early for a driver that starts at once', async () => {
    const { diary, sessions } = diarist(false);
    await sessions.in({ topology: 'plain' });
    sessions.prepare([{ topology: 'mmio' }]);
    expect(diary).toEqual(['open plain']);
  });

  it('start those that come next one after the other, and not all at once', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in({ topology: 'plain' });
    sessions.prepare([{ topology: 'mmio' }, { topology: 'masked' }, { topology: 'disk' }, { topology: 'bridged' }]);
    expect(diary).toEqual(['open plain', 'open mmio']);
    await sessions.in({ topology: 'masked' });
    expect(diary).not.toContain('open bridged');
    sessions.prepare([{ topology: 'disk' }, { topology: 'bridged' }]);
    await sessions.in({ topology: 'bridged' });
    await sessions.close();
    const count = (word: string): number => diary.filter((line) => line.startsWith(word)).length;
    expect([count('open'), count('close')]).toEqual([5, 5]);
  });

  it('start nothing more once they are closed', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in({ topology: 'plain' });
    sessions.prepare([{ topology: 'mmio' }, { topology: 'masked' }]);
    await sessions.close();
    expect(diary.toSorted()).toEqual(['close mmio', 'close plain', 'open mmio', 'open plain']);
  });

  it('keep what is prepared when a driver is lost, and close all in the end', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in({ topology: 'plain' });
    sessions.prepare([{ topology: 'mmio' }]);
    await sessions.end();
    await sessions.in({ topology: 'plain' });
    await sessions.close();
    expect(diary).toEqual(['open plain', 'open mmio', 'close plain', 'open plain', 'close plain', 'close mmio']);
  });

  it('say that a prepared session did not start when it is asked for, and try again after that', async () => {
    let broken = true;
    const { diary, sessions } = diarist(true, (topology) => broken && topology === 'mmio');
    await sessions.in({ topology: 'plain' });
    sessions.prepare([{ topology: 'mmio' }]);
    await expect(sessions.in({ topology: 'mmio' })).rejects.toThrow('It does not start.');
    await sessions.end();
    broken = false;
    await sessions.in({ topology: 'mmio' });
    expect(diary).toEqual(['open plain', 'open mmio', 'close plain', 'open mmio']);
  });
});
