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
    expect(await sessions.in('plain')).toBe(await sessions.in('plain'));
    await sessions.in('mmio');
    expect(diary).toEqual(['open plain', 'close plain', 'open mmio']);
  });

  it('start the next one early if the driver starts slowly, once', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in('plain');
    sessions.prepare(['mmio']);
    sessions.prepare(['mmio']);
    await sessions.in('mmio');
    expect(diary).toEqual(['open plain', 'open mmio', 'close plain']);
  });

  it('start nothing early for a driver that starts at once', async () => {
    const { diary, sessions } = diarist(false);
    await sessions.in('plain');
    sessions.prepare(['mmio']);
    expect(diary).toEqual(['open plain']);
  });

  it('start those that come next one after the other, and not all at once', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in('plain');
    sessions.prepare(['mmio', 'masked', 'disk', 'bridged']);
    expect(diary).toEqual(['open plain', 'open mmio']);
    await sessions.in('masked');
    expect(diary).not.toContain('open bridged');
    sessions.prepare(['disk', 'bridged']);
    await sessions.in('bridged');
    await sessions.close();
    const count = (word: string): number => diary.filter((line) => line.startsWith(word)).length;
    expect([count('open'), count('close')]).toEqual([5, 5]);
  });

  it('start nothing more once they are closed', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in('plain');
    sessions.prepare(['mmio', 'masked']);
    await sessions.close();
    expect(diary.toSorted()).toEqual(['close mmio', 'close plain', 'open mmio', 'open plain']);
  });

  it('keep what is prepared when a driver is lost, and close all in the end', async () => {
    const { diary, sessions } = diarist(true);
    await sessions.in('plain');
    sessions.prepare(['mmio']);
    await sessions.end();
    await sessions.in('plain');
    await sessions.close();
    expect(diary).toEqual(['open plain', 'open mmio', 'close plain', 'open plain', 'close plain', 'close mmio']);
  });

  it('say that a prepared session did not start when it is asked for, and try again after that', async () => {
    let broken = true;
    const { diary, sessions } = diarist(true, (topology) => broken && topology === 'mmio');
    await sessions.in('plain');
    sessions.prepare(['mmio']);
    await expect(sessions.in('mmio')).rejects.toThrow('It does not start.');
    await sessions.end();
    broken = false;
    await sessions.in('mmio');
    expect(diary).toEqual(['open plain', 'open mmio', 'close plain', 'open mmio']);
  });
});
