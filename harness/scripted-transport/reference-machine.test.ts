import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { SLOTS } from '../../reference-device/machine/setup.ts';
import { VfioUserClient } from './fixtures/vfio-user-client.ts';
import { REGION, RegionAccess } from './messages.ts';
import { openScriptedTransport } from './scripted-transport.ts';

test('puts the reference machine behind one socket a function', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'viommuspec-'));
  const transport = await openScriptedTransport({ directory });
  expect([...transport.sockets.keys()]).toEqual(['iommu', ...Object.keys(SLOTS)]);
  const client = new VfioUserClient(transport.sockets.get('iommu') ?? '');
  client.negotiate();
  // Nothing has been staged: the function is absent.
  expect(client.read(REGION.CONFIG, 0n, 4)?.payload.getUint32(RegionAccess.size, true)).toBe(0xffffffff);
  client.close();
  await transport.close();
  rmSync(directory, { recursive: true });
});
