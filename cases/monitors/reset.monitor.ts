import { defineMonitor, statusByte } from '../api/index.ts';
import { accesses } from './registers.ts';
import { type Session, inEachSession } from './sessions.ts';

/** In the session that a reset began: whether device_status was read as 0 before the next step; undefined if none came. */
function awaited(session: Session): boolean | undefined {
  for (const event of session.events) {
    if (statusByte(event, 'register-read') === 0) return true;
    const status = statusByte(event, 'register-write');
    if (status !== undefined && status !== 0) return false;
    if (accesses(event, 'register-write', 'driver_feature')) return false;
  }
  return undefined;
}

export default defineMonitor({
  id: 'reset',
  title: 'After a reset the driver waits until device_status reads 0',
  requirements: ['pci/driver/common-cfg/wait-for-status-0', 'core/driver/reset/complete-on-zero-read'],
  anyDevice: true,
  judge: inEachSession((seen, session) => {
    if (session.begunBy !== 'status-0') return;
    const holds = awaited(session);
    if (holds === undefined) return;
    const says = '0 is written to device_status, and the next start begins before device_status was read as 0.';
    seen.check('core/driver/reset/complete-on-zero-read', holds, session.events[0], says);
    if (!session.onMmio) seen.check('pci/driver/common-cfg/wait-for-status-0', holds, session.events[0], says);
  }),
  mustCatch: {
    'reset-not-awaited': ['pci/driver/common-cfg/wait-for-status-0', 'core/driver/reset/complete-on-zero-read'],
    'reset-awaited-by-generation': 'pci/driver/common-cfg/wait-for-status-0',
  },
});
