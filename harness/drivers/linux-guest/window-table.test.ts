import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { needs, toolProgram } from '../../../scripts/test-tools/needs.ts';
import { carriedWindows } from './window-carriers.ts';
import { windowTable } from './window-table.ts';

const WINDOWS = carriedWindows({ topology: 'mmio', endpoints: [{ slot: 'platform-rng' }] }, 'amd64');

/** The code as iasl reads it, without its comments and blanks. */
function disassembled(table: Uint8Array): string {
  const folder = mkdtempSync(join(tmpdir(), 'viommuspec-'));
  try {
    writeFileSync(join(folder, 'ssdt.aml'), table);
    const { command, args } = toolProgram('iasl');
    const { stdout, stderr } = spawnSync(command, [...args, '-d', 'ssdt.aml'], { cwd: folder, encoding: 'utf8' });
    expect(`${stdout}${stderr}`).not.toMatch(/error|invalid|checksum/i);
    const text = readFileSync(join(folder, 'ssdt.dsl'), 'utf8');
    return text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*/g, '').replaceAll(/\s+/g, ' ');
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('sums up to 0', () => {
  expect(windowTable(WINDOWS).reduce((sum, byte) => sum + byte, 0) & 0xff).toBe(0);
});

describe('read back by iasl', needs('iasl'), () => {
  test('every window is a device of the name that Linux looks for, with its registers and a shared, level-sensitive interrupt', () => {
    const text = disassembled(windowTable(WINDOWS));
    expect(text).toContain('Scope (\\_SB)');
    expect([...text.matchAll(/Device \((\w+)\)/g)].map(([, name]) => name)).toEqual(['VR00', 'VR01']);
    expect(text.match(/Name \(_HID, "LNRO0005"\)/g)).toHaveLength(2);
    expect(
      [...text.matchAll(/Memory32Fixed \(ReadWrite, (0x\w+), (0x\w+), \)/g)].map(([, ...it]) => it.map(Number)),
    ).toEqual(WINDOWS.map(({ address, length }) => [address, length]));
    const interrupts = text.matchAll(/Interrupt \(ResourceConsumer, Level, ActiveHigh, Shared, ,, \) \{ (0x\w+), \}/g);
    expect([...interrupts].map(([, number]) => Number(number))).toEqual([20, 22]);
  });
});
