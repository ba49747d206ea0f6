/**
 * The page's script. It draws what happened in a variant from the log that the page carries, and adds comfort: a filter whose
 * state is in the address, buttons that copy a command, tools for a trace, a cursor over the pictures of time, and opening what a link leads to.
 * Without it everything but most courses can be read.
 */
import { drawingScript } from './drawing/script.ts';
import { COPY_SCRIPT } from './script-copy.ts';
import { COURSE_SCRIPT } from './script-course.ts';
import { FILTER_SCRIPT } from './script-filter.ts';
import { REVEAL_SCRIPT } from './script-reveal.ts';
import { TIMELINE_SCRIPT } from './script-timeline.ts';
import { TOOLS_SCRIPT } from './script-tools.ts';

export const pageScript = (): string => `'use strict';
${drawingScript()}${COURSE_SCRIPT}${FILTER_SCRIPT}${TIMELINE_SCRIPT}${TOOLS_SCRIPT}${REVEAL_SCRIPT}${COPY_SCRIPT}`;
