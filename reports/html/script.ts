/**
 * The page's script. It only adds comfort: a filter whose state is in the address, buttons that copy a command, a cursor
 * over the pictures of time, and opening what a link leads to. Without it everything can be read.
 */
import { COPY_SCRIPT } from './script-copy.ts';
import { FILTER_SCRIPT } from './script-filter.ts';
import { REVEAL_SCRIPT } from './script-reveal.ts';
import { TIMELINE_SCRIPT } from './script-timeline.ts';

export const SCRIPT = `'use strict';
${FILTER_SCRIPT}${REVEAL_SCRIPT}${COPY_SCRIPT}${TIMELINE_SCRIPT}`;
