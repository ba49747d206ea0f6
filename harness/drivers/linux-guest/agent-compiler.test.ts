import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test, vi } from 'vitest';
import { agentCompiler, crossCompilerIn } from './agent-compiler.ts';

const folder = mkdtempSync(join(tmpdir(), 'viommuspec-compiler-'));
afterAll(() => rmSync(folder, { recursive: true }));

const find = (architecture: 'amd64' | 'arm64', env: NodeJS.ProcessEnv) =>
  agentCompiler({ architecture }, folder, () => {}, env);

test.each([
  ['amd64', { CC: 'clang', CC_ARM64: 'other' }, 'clang'],
  ['amd64', {}, 'cc'],
  ['arm64', { CC: 'clang', CC_ARM64: '/opt/bin/gcc' }, '/opt/bin/gcc'],
] as const)('for %s and %j is what the environment names for it', async (architecture, env, command) => {
  expect(await find(architecture, env)).toEqual({ command, args: [], env: {} });
});

test('for arm64 is the one of this machine, if there is one', async () => {
  writeFileSync(join(folder, 'aarch64-linux-gnu-gcc'), '#!/bin/sh\nexit 0\n');
  chmodSync(join(folder, 'aarch64-linux-gnu-gcc'), 0o755);
  vi.stubEnv('PATH', `${folder}:${process.env['PATH']}`);
  expect(await find('arm64', {})).toEqual({ command: 'aarch64-linux-gnu-gcc', args: [], env: {} });
  vi.unstubAllEnvs();
});

test('out of packages is told where its headers and libraries are', () => {
  const { command, args, env } = crossCompilerIn('/c/root');
  expect(command).toBe('/c/root/usr/bin/aarch64-linux-gnu-gcc');
  expect(args).toEqual([
    '-isystem',
    '/c/root/usr/aarch64-linux-gnu/include',
    '-B/c/root/usr/aarch64-linux-gnu/lib',
    '-L/c/root/usr/aarch64-linux-gnu/lib',
  ]);
  expect(env['LD_LIBRARY_PATH']).toContain('/c/root/usr/lib/x86_64-linux-gnu');
});
