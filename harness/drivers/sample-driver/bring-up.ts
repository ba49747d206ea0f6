/** The initialisation sequence (3.1.1), the same for every virtio device. */
import type { DeviceRegisters } from './device-registers.ts';
import type { DriverFaults } from './driver-faults.ts';
import { acceptedWord, Features, RING_RESET, usualOffer, VERSION_1 } from './features.ts';
import type { Platform } from './platform.ts';

const ACKNOWLEDGE = 0x01;
const DRIVER = 0x02;
const DRIVER_OK = 0x04;
const FEATURES_OK = 0x08;
const DEVICE_NEEDS_RESET = 0x40;
const FAILED = 0x80;
/** What a device that has been pulled out reads. */
const GONE = 0xff;
/** A reset that has not ended after so many looks never will. */
const MOST_LOOKS = 100;
const REFUSED_FEATURES = 'the device refuses the features';

export interface BringUpPlan {
  readonly deviceBits: readonly number[];
  readonly role: 'iommu' | 'endpoint';
  /** Looks at the offer; a sentence if the driver cannot work with it. */
  readonly refuses: (offered: Features) => string | undefined;
  /** Runs after the features were read and before FEATURES_OK. */
  readonly beforeFeaturesOk?: (offered: Features) => void;
}

/** Status and features of one device on its way up. */
export class BringUp {
  readonly #registers: DeviceRegisters;
  readonly #platform: Platform;
  readonly #faults: DriverFaults;
  /** Why the device was given up, if it was. */
  failure: string | undefined;
  /** What was last written to device_status. */
  #status = 0;

  constructor(registers: DeviceRegisters, platform: Platform, faults: DriverFaults) {
    this.#registers = registers;
    this.#platform = platform;
    this.#faults = faults;
  }

  /** Resets the device and waits for it; false if it never reads 0. */
  reset(): boolean {
    this.#status = 0;
    this.#registers.status = 0;
    if (this.#faults.has('reset-not-awaited')) return true;
    if (this.#faults.has('reset-awaited-by-generation')) return this.#registers.configGeneration >= 0;
    for (let look = 0; look < MOST_LOOKS; look++) {
      const status = this.#registers.status;
      if (status === 0) return true;
      if (status === GONE || !this.#platform.wait()) return false;
    }
    return false;
  }

  /** Everything up to FEATURES_OK. Gives the accepted features, or a sentence that says why there are none. */
  negotiate(plan: BringUpPlan): Features | string {
    if (!this.#faults.has('no-reset-at-start') && !this.reset()) return this.giveUp('the device does not reset');
    if (this.#faults.has('resets-twice')) this.reset();
    this.#announce();
    const isBlind = this.#faults.has('offer-unread') || this.#faults.has('offer-read-too-late');
    const offered = isBlind ? usualOffer(plan.deviceBits) : this.#registers.offeredFeatures();
    if (this.#faults.has('reads-twice')) this.#registers.offeredFeatures();
    const refusal = refusalOf(new Features(offered), plan, this.#faults);
    if (refusal !== undefined && this.#stopsAt(refusal)) return refusal;
    plan.beforeFeaturesOk?.(new Features(offered));
    const accepted = acceptedWord(offered, plan.deviceBits, plan.role, this.#faults);
    if (!this.#faults.has('features-not-written')) this.#registers.acceptFeatures(accepted);
    const agreed = this.#confirm();
    if (this.#faults.has('offer-read-too-late')) this.#registers.offeredFeatures();
    if (!agreed && this.#stopsAt(REFUSED_FEATURES)) return REFUSED_FEATURES;
    if (this.#faults.has('accepts-features-after-ok'))
      this.#registers.acceptFeatures(accepted | (1n << BigInt(RING_RESET)));
    return new Features(accepted);
  }

  /** Gives the device up; whether bringing it up ends here. */
  #stopsAt(reason: string): boolean {
    this.failure = this.giveUp(reason);
    return !this.#faults.has('continues-after-failed');
  }

  #announce(): void {
    if (this.#faults.has('acknowledge-with-driver')) {
      this.#add(ACKNOWLEDGE | DRIVER);
      return;
    }
    if (!this.#faults.has('skips-acknowledge')) this.#add(ACKNOWLEDGE);
    if (!this.#faults.has('skips-driver-bit')) this.#add(DRIVER);
  }

  /** Sets FEATURES_OK and looks whether the device agrees. */
  #confirm(): boolean {
    if (this.#faults.has('skips-features-ok')) return true;
    this.#add(FEATURES_OK);
    if (this.#faults.has('features-ok-not-read-back')) return true;
    const agreed = (this.#registers.status & FEATURES_OK) !== 0;
    const goesOn =
      this.#faults.has('ignores-refused-features-ok') || this.#faults.has('access-platform-refusal-ignored');
    return agreed || goesOn;
  }

  /** Sets DRIVER_OK: the device is live. */
  goLive(): void {
    if (this.#faults.has('driver-ok-never')) return;
    if (this.#faults.has('clears-status-bit')) this.#registers.status = DRIVER_OK;
    else if (this.#faults.has('status-without-features-ok')) this.#registers.status = ACKNOWLEDGE | DRIVER | DRIVER_OK;
    else this.#add(DRIVER_OK);
  }

  /** Tells the device that it is given up; gives the reason back. */
  giveUp(reason: string): string {
    if (this.#faults.has('resets-instead-of-failed')) this.#registers.status = 0;
    else if (!this.#faults.has('failed-not-set')) this.#add(FAILED);
    return reason;
  }

  /** Whether the device has been pulled out: then all registers read all ones. */
  isGone(): boolean {
    return this.#registers.status === GONE;
  }

  /** Whether the device says that it cannot go on. */
  needsReset(): boolean {
    const status = this.#registers.status;
    return status !== GONE && (status & DEVICE_NEEDS_RESET) !== 0;
  }

  #add(bits: number): void {
    this.#status |= bits;
    this.#registers.status = this.#status;
    if (this.#faults.has('status-written-twice')) this.#registers.status = this.#status;
  }
}

function refusalOf(offered: Features, plan: BringUpPlan, faults: DriverFaults): string | undefined {
  if (!offered.has(VERSION_1)) return 'the device does not offer VIRTIO_F_VERSION_1';
  const isForeign =
    (faults.has('refuses-foreign-device-bits') && offered.hasAny(7, 23)) ||
    (faults.has('refuses-unknown-reserved-bits') && offered.hasAny(42, 127));
  if (isForeign) return 'the device offers what this driver does not know';
  return plan.refuses(offered);
}
