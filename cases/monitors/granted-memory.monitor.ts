import { defineMonitor, type EventOf, hex, type Seen } from '../api/index.ts';
import { Grants, isEngine } from './grants.ts';

type Ids =
  | 'platform/isolation/endpoint-confined'
  | 'platform/free/unmapped-when-freed'
  | 'platform/detach/no-access-left';

function judgeAccess(seen: Seen<Ids>, grants: Grants, access: EventOf<'dma'>): void {
  // Where an ATTACH was refused that the driver takes for done, the domain that it names is another than the endpoint's.
  if (seen.world.attached(access.endpoint, access) === undefined) return;
  const state = grants.state(access.endpoint, access.address);
  const reached = `${access.endpoint} reaches ${hex(access.address)}`;
  if (state === 'never') {
    const says = `${reached}, which was not mapped for it.`;
    seen.check('platform/isolation/endpoint-confined', seen.world.blocked(access), access, says);
  }
  if (state === 'left') {
    const says = `${reached}, which is mapped in a domain that it has left.`;
    seen.check('platform/detach/no-access-left', seen.world.withdrawn(access), access, says);
  }
  if (state === 'revoked') {
    const says = `${reached}, which has been unmapped for its user.`;
    seen.check('platform/free/unmapped-when-freed', seen.world.withdrawn(access), access, says);
  }
}

/** After these nothing is granted to anybody. */
const BEGINNINGS: ReadonlySet<string> = new Set(['start', 'stop', 'shutdown']);

export default defineMonitor({
  id: 'granted-memory',
  title: 'An endpoint without a driver of its own reaches what was mapped for it by command, and nothing else',
  requirements: [
    'platform/isolation/endpoint-confined',
    'platform/free/unmapped-when-freed',
    'platform/detach/no-access-left',
  ],
  judge(seen) {
    const grants = new Grants(seen);
    let isUp = false;
    let asked: EventOf<'verb'> | undefined;
    for (const event of seen.events) {
      if (event.kind === 'verb') asked = event;
      if (event.kind === 'answer') {
        if (BEGINNINGS.has(event.verb)) isUp = event.verb === 'start' && event.outcome === 'ok';
        if (asked) grants.apply(asked, event);
      }
      if (event.kind === 'dma' && isUp && isEngine(seen, event.endpoint)) judgeAccess(seen, grants, event);
    }
  },
  mustCatch: {
    'fault-maps-page': 'platform/isolation/endpoint-confined',
    'maps-all-memory': 'platform/isolation/endpoint-confined',
    'unmap-never-sent': 'platform/free/unmapped-when-freed',
    'detach-forgotten-on-leave': 'platform/detach/no-access-left',
  },
});
