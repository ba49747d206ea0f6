import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { imageArchitecture } from './image-architecture.ts';

function peImage(machine: number): Buffer {
  const image = Buffer.alloc(0x200);
  image.write('MZ');
  image.writeUInt32LE(0x80, 60);
  image.write('PE\0\0', 0x80);
  image.writeUInt16LE(machine, 0x84);
  return image;
}

function elfImage(machine: number): Buffer {
  const image = Buffer.alloc(0x40);
  image.write('\x7fELF', 'latin1');
  image.writeUInt16LE(machine, 18);
  return image;
}

test.each([
  ['bzImage', peImage(0x8664), 'amd64'],
  ['Image', peImage(0xaa64), 'arm64'],
  ['Image.gz', gzipSync(Buffer.concat([peImage(0xaa64), Buffer.alloc(100_000, 7)])).subarray(0, 200), 'arm64'],
  ['vmlinux of x86', elfImage(62), 'amd64'],
  ['vmlinux of arm64', elfImage(183), 'arm64'],
])('tells the processor of a %s', (_, image, architecture) => {
  expect(imageArchitecture(image)).toBe(architecture);
});

test.each([
  ['another processor', elfImage(8)],
  ['a PE header that lies outside', peImage(0xaa64).subarray(0, 0x84)],
  ['too little', Buffer.from('MZ')],
  ['something else', Buffer.from('#!/bin/sh\n')],
  ['nothing', Buffer.alloc(0)],
])('does not guess from %s', (_, image) => {
  expect(imageArchitecture(image)).toBeUndefined();
});
