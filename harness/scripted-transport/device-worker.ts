/** Entry of the device worker: serves the reference machine. */
import { MachineModel } from '../../reference-device/machine/machine-model.ts';
import { runDeviceWorker } from './worker-body.ts';

runDeviceWorker((hostFor) => new MachineModel(hostFor));
