/** The table of scenarios written by hand. */
import { DEVICE_SCENARIOS } from './scenarios-device.ts';
import { ENDPOINT_SCENARIOS } from './scenarios-endpoints.ts';
import { MAPPING_SCENARIOS } from './scenarios-mappings.ts';
import type { Scenario } from './steps.ts';

export const SCENARIOS: readonly Scenario[] = [...ENDPOINT_SCENARIOS, ...MAPPING_SCENARIOS, ...DEVICE_SCENARIOS];
