#!/usr/bin/env node
import './engine-flags.ts';
import { EXIT } from '../harness-error.ts';
import { reasonOf } from '../../reports/words/system-reason.ts';
import { failureOf, program } from './program.ts';
import { processTerminal } from './terminal.ts';

const words = process.argv.slice(2);
let isLost = false;

// Who reads no further has what he wanted, and a run has its log and its reports all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE' || isLost) return;
  isLost = true;
  process.stderr.write(`viommuspec: Its output cannot be written: ${reasonOf(error)}.\n`);
});
process.stderr.on('error', () => {});
process.on('exit', () => {
  if (isLost && process.exitCode === EXIT.asExpected) process.exitCode = failureOf(words, EXIT.usage);
});

process.exitCode = await program(words, processTerminal());
