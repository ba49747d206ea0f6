/** Which monitors watch a machine. */
import type { Monitor } from '../../cases/api/define-monitor.ts';
import type { TopologyName } from '../../reference-device/machine-setup.ts';
import { isExperimental } from '../../reference-device/topology/topologies.ts';

/** All of them, but none where the device is experimental: they know the specification, and not what others proposed. */
export const watchersOf = (topology: TopologyName, monitors: readonly Monitor[]): readonly Monitor[] =>
  isExperimental(topology) ? [] : monitors;
