import { expect, test } from 'vitest';
import { type GuestParts, guestCommand, kernelCommandLine, treeDumpArguments } from './guest-command.ts';
import { initramfs, moduleOrder } from './initramfs.ts';

const PARTS: GuestParts = {
  architecture: 'amd64',
  qemu: { command: 'loader', args: ['qemu'] },
  kernel: '/k',
  initramfs: '/i',
  console: '/t/a,b/console.log',
  monitor: '/t/a,b/monitor.sock',
  description: { option: '-acpitable', files: ['/t/a,b/viot.bin'] },
  described: { topology: 'plain' },
  sockets: new Map(['iommu', 'iommu2', 'rng', 'dma', 'gap', 'rng2', 'dma2'].map((name) => [name, `/t/${name}.sock`])),
  accelerator: 'tcg',
  kernelCommandLine: 'console=ttyS0',
};

const after = (args: readonly string[], option: string): string[] =>
  args.flatMap((arg, index) => (args[index - 1] === option ? [arg] : []));

test('puts every function at its own address behind its own socket', () => {
  const devices = after(guestCommand(PARTS).args, '-device').map((json) => JSON.parse(json));
  expect(devices.map(({ addr, socket }) => [addr, socket.path])).toEqual([
    ['2.0', '/t/iommu.sock'],
    ['3.0', '/t/rng.sock'],
    ['4.0', '/t/dma.sock'],
    ['5.0', '/t/gap.sock'],
    ['6.0', '/t/rng2.sock'],
    ['7.0', '/t/dma2.sock'],
  ]);
  expect(devices.every((device) => device['x-no-posted-writes'])).toBe(true);
});

const paths = (parts: GuestParts): string[] =>
  after(guestCommand(parts).args, '-device').map((json) => JSON.parse(json).socket.path);

test('has the second IOMMU only where the topology has it', () => {
  expect(paths(PARTS)).not.toContain('/t/iommu2.sock');
  expect(paths({ ...PARTS, described: { topology: 'two-iommus' } })).toContain('/t/iommu2.sock');
});

test('puts the window of the IOMMU behind a function of its own, and a table for each description', () => {
  const sockets = new Map([...PARTS.sockets.keys(), 'iommu-mmio', 'platform'].map((name) => [name, `/t/${name}.sock`]));
  const description = { option: '-acpitable', files: ['/t/viot.bin', '/t/ssdt.bin'] } as const;
  const { args } = guestCommand({ ...PARTS, sockets, description, described: { topology: 'mmio' } });
  const devices = after(args, '-device').map((json) => JSON.parse(json));
  expect(devices.map(({ socket }) => socket.path)).not.toContain('/t/platform.sock');
  expect(devices.at(-1)).toMatchObject({ addr: 'c.0', socket: { path: '/t/iommu-mmio.sock' } });
  expect(devices.some(({ socket }) => socket.path === '/t/iommu.sock')).toBe(false);
  expect(after(args, '-acpitable')).toEqual(['file=/t/viot.bin', 'file=/t/ssdt.bin']);
});

test('puts functions behind the bridge of the topology', () => {
  const [bridge, ...functions] = after(
    guestCommand({ ...PARTS, described: { topology: 'bridged' } }).args,
    '-device',
  ).map((json) => JSON.parse(json));
  expect(bridge).toEqual({ driver: 'pcie-pci-bridge', id: 'bridged', addr: '9.0' });
  expect(functions.filter(({ bus }) => bus === 'bridged').map(({ addr, socket }) => [addr, socket.path])).toEqual([
    ['1.0', '/t/rng2.sock'],
    ['2.0', '/t/dma2.sock'],
  ]);
});

test('puts the functions of one device beside each other, and tells QEMU that there are several', () => {
  const sockets = new Map([...PARTS.sockets.keys(), 'net', 'fn1', 'fn2'].map((name) => [name, `/t/${name}.sock`]));
  const { args } = guestCommand({ ...PARTS, sockets, described: { topology: 'net' } });
  const devices = after(args, '-device').map((json) => JSON.parse(json));
  expect(devices.filter(({ multifunction }) => multifunction).map(({ addr, socket }) => [addr, socket.path])).toEqual([
    ['b.0', '/t/net.sock'],
    ['b.1', '/t/fn1.sock'],
    ['b.2', '/t/fn2.sock'],
  ]);
});

test('gives the console the first serial port and the contract the second', () => {
  const { command, args } = guestCommand(PARTS);
  expect(command).toBe('loader');
  expect(args[0]).toBe('qemu');
  expect(after(args, '-serial')).toEqual(['file:/t/a,,b/console.log', 'chardev:contract']);
  expect(after(args, '-chardev')).toEqual(['stdio,id=contract,signal=off']);
});

test('ends the guest with its parent, and instead of restarting it', () => {
  const { args } = guestCommand(PARTS);
  expect(after(args, '-run-with')).toEqual(['exit-with-parent=on']);
  expect(args).toContain('-no-reboot');
});

test('emulates unless KVM was asked for', () => {
  expect(after(guestCommand(PARTS).args, '-machine')[0]).toContain('accel=tcg,');
  const withKvm = guestCommand({ ...PARTS, accelerator: 'kvm' }).args;
  expect([after(withKvm, '-machine')[0], after(withKvm, '-cpu')[0]]).toEqual([
    'q35,accel=kvm,memory-backend=ram',
    'host',
  ]);
});

test('puts an arm64 guest into a machine without ACPI, and tells it by a device tree', () => {
  const description = { option: '-dtb', files: ['/t/a,b/tree.dtb'] } as const;
  const { args } = guestCommand({ ...PARTS, architecture: 'arm64', description });
  expect(after(args, '-machine')).toEqual(['virt,gic-version=3,accel=tcg,memory-backend=ram']);
  expect(after(args, '-cpu')).toEqual(['cortex-a72']);
  expect(after(args, '-dtb')).toEqual(['/t/a,b/tree.dtb']);
  expect(args).not.toContain('-acpitable');
  expect(after(guestCommand(PARTS).args, '-acpitable')).toEqual(['file=/t/a,,b/viot.bin']);
});

test('asks QEMU for the tree of the machine that the guest gets, both serial ports included', () => {
  const args = treeDumpArguments('arm64', '/t/a,b/tree.dtb');
  expect(after(args, '-machine')[0]).toBe('virt,gic-version=3,accel=tcg,memory-backend=ram,dumpdtb=/t/a,,b/tree.dtb');
  expect(after(args, '-serial')).toEqual(['null', 'null']);
  expect(after(args, '-m')).toEqual(after(guestCommand(PARTS).args, '-m'));
});

test("names each kernel's own console, and spares arm64 what is x86's alone", () => {
  expect(kernelCommandLine('strict', '', 'amd64')).toMatch(/^console=ttyS0 .* no_timer_check /);
  const arm64 = kernelCommandLine('strict', '', 'arm64');
  expect(arm64).toMatch(/^console=ttyAMA0 /);
  expect(arm64).not.toContain('no_timer_check');
});

test('refuses a machine without a socket for one of its functions', () => {
  expect(() => guestCommand({ ...PARTS, sockets: new Map() })).toThrow(
    'assertion: the machine has no socket for iommu',
  );
});

test('says how to unmap in its last word, and lets the user have the last', () => {
  const strict = kernelCommandLine('strict', '').split(' ');
  const lazy = kernelCommandLine('lazy', 'quiet debug').split(' ');
  expect(strict.at(-1)).toBe('iommu.strict=1');
  expect(lazy.slice(-3)).toEqual(['iommu.strict=0', 'quiet', 'debug']);
});

const MODULES = [
  { name: 'vfio', parameters: '', image: Buffer.from('v') },
  { name: 'vfio_iommu_type1', parameters: 'allow_unsafe_interrupts=1', image: Buffer.from('t') },
];

test('tells the agent what to load with which parameters', () => {
  expect(moduleOrder(MODULES)).toBe('vfio.ko\nvfio_iommu_type1.ko allow_unsafe_interrupts=1');
});

test('boots with the agent as /init, the machine file and the modules', () => {
  const archive = initramfs(Buffer.from('agent'), 'iommu transport=pci\n', MODULES).toString('latin1');
  for (const text of ['init\0', 'iommu transport=pci\n', 'modules/order\0', 'modules/vfio.ko\0', 'dev/console\0']) {
    expect(archive).toContain(text);
  }
});
