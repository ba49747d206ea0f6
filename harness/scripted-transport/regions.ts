/** The regions of a device: what they are, and accesses to them. */
import { ERRNO } from './libc.ts';
import { max_data_xfer_size } from './limits.ts';
import { REGION_FLAG, RegionAccess, RegionInfo, WRITE_ONE_SIZE, WriteMulti } from './messages.ts';
import { type Answer, refuse, type Refusal, type Request } from './request.ts';
import type { ServedDevice } from './served-device.ts';
import { counted } from '../../reference-device/counted.ts';

type AccessValues = ReturnType<typeof RegionAccess.read>;

/** Answers DEVICE_GET_REGION_INFO. No region can be mapped: every access is seen. */
export function regionInfo(device: ServedDevice, { payload, reply }: Request): Answer {
  const { argsz, index } = RegionInfo.read(payload, 0);
  if (argsz < RegionInfo.size) return refuse(ERRNO.EINVAL, `argsz is ${argsz}`);
  if (index >= device.regionCount) return refuse(ERRNO.EINVAL, `there is no region ${index}`);
  const size = device.regionSize(index);
  RegionInfo.write(reply, 0, {
    argsz: RegionInfo.size,
    flags: size > 0 ? REGION_FLAG.READ | REGION_FLAG.WRITE : 0,
    index,
    cap_offset: 0,
    size: BigInt(size),
    offset: 0n,
  });
  return RegionInfo.size;
}

function objection(device: ServedDevice, { region, offset, count }: AccessValues): Refusal | undefined {
  if (count === 0 || count > max_data_xfer_size) return refuse(ERRNO.EINVAL, `count is ${count}`);
  if (offset + BigInt(count) > BigInt(device.regionSize(region))) {
    return refuse(
      ERRNO.EINVAL,
      `an access of ${counted(count, 'byte')} at 0x${offset.toString(16)} is outside region ${region}`,
    );
  }
  return undefined;
}

/** Answers REGION_READ. The reply repeats the request and adds the data; the width on the bus is the request's count. */
export function readRegion(device: ServedDevice, { payload, reply }: Request): Answer {
  const access = RegionAccess.read(payload, 0);
  const refusal = objection(device, access);
  if (refusal) return refusal;
  const { region, count } = access;
  const offset = Number(access.offset);
  RegionAccess.write(reply, 0, access);
  const at = reply.byteOffset + RegionAccess.size;
  // A device that leaves bytes alone must not hand out those of an earlier reply.
  new Uint8Array(reply.buffer, at, count).fill(0);
  const out = new DataView(reply.buffer, at, count);
  device.read(region, offset, out);
  return RegionAccess.size + count;
}

function store(device: ServedDevice, { region, offset, count }: AccessValues, payload: DataView, at: number): void {
  const data = new DataView(payload.buffer, payload.byteOffset + at, count);
  device.write(region, Number(offset), data);
}

/** Answers REGION_WRITE. The reply repeats the request without the data. */
export function writeRegion(device: ServedDevice, { payload, reply }: Request): Answer {
  const access = RegionAccess.read(payload, 0);
  const refusal = objection(device, access);
  if (refusal) return refusal;
  const dataSize = payload.byteLength - RegionAccess.size;
  if (dataSize !== access.count)
    return refuse(ERRNO.EINVAL, `count is ${access.count}, the data ${counted(dataSize, 'byte')}`);
  store(device, access, payload, RegionAccess.size);
  RegionAccess.write(reply, 0, access);
  return RegionAccess.size;
}

/** Answers REGION_WRITE_MULTI: all writes in order, or, if one of them is wrong, none. */
export function writeRegions(device: ServedDevice, { payload, reply }: Request): Answer {
  const { wr_cnt } = WriteMulti.read(payload, 0);
  const room = Math.floor((payload.byteLength - WriteMulti.size) / WRITE_ONE_SIZE);
  if (wr_cnt > BigInt(room))
    return refuse(ERRNO.EINVAL, `${wr_cnt} writes are announced, ${room} fit into the message`);
  const accesses: AccessValues[] = [];
  for (let i = 0; i < Number(wr_cnt); i++) {
    const access = RegionAccess.read(payload, WriteMulti.size + i * WRITE_ONE_SIZE);
    const refusal = access.count > 8 ? refuse(ERRNO.EINVAL, `count is ${access.count}`) : objection(device, access);
    if (refusal) return refusal;
    accesses.push(access);
  }
  for (const [i, access] of accesses.entries()) {
    store(device, access, payload, WriteMulti.size + i * WRITE_ONE_SIZE + RegionAccess.size);
  }
  WriteMulti.write(reply, 0, { wr_cnt });
  return WriteMulti.size;
}
