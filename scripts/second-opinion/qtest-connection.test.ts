import { afterEach, expect, it } from 'vitest';
import { SubjectDied } from './bus.ts';
import { QtestConnection } from './qtest-connection.ts';

const open: QtestConnection[] = [];

/** A shell script in QEMU's place; QEMU's own words become its arguments. */
async function connected(script: string): Promise<QtestConnection> {
  const connection = await QtestConnection.open({ command: '/bin/sh', args: ['-c', script, 'sh'] }, []);
  open.push(connection);
  return connection;
}

afterEach(async () => {
  for (const connection of open.splice(0)) await connection.close();
});

it('gives each command its own answer, past lines that nobody asked for', async () => {
  const qtest = await connected('while read -r line; do echo "IRQ raise 1"; echo "OK $line"; done');
  expect(await Promise.all([qtest.say('inl 1'), qtest.say('inl 2')])).toEqual(['inl 1', 'inl 2']);
});

it('tells a refusal, and goes on', async () => {
  const qtest = await connected('read -r line; echo "FAIL Unknown command"; read -r line; echo OK');
  await expect(qtest.say('outq')).rejects.toThrow('qtest refused outq: FAIL Unknown command');
  await expect(qtest.say('inl 1')).resolves.toBe('');
});

it('tells the last words of a QEMU that ends, to who waits and to who comes later', async () => {
  const qtest = await connected('read -r line; echo "Assertion failed" >&2; exit 3');
  await expect(qtest.say('inl 1')).rejects.toThrow(new SubjectDied('QEMU ended (exit code 3): Assertion failed'));
  await expect(qtest.say('inl 1')).rejects.toThrow(SubjectDied);
});

it('ends a QEMU that would go on', async () => {
  const qtest = await connected('read -r line; echo "OK $$"; exec sleep 600');
  const pid = Number(await qtest.say('pid'));
  expect(isAlive(pid)).toBe(true);
  await qtest.close();
  expect(isAlive(pid)).toBe(false);
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
