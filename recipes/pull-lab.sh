#!/bin/sh
# For a pull lab of KernelCI: scores the kernel of one job, on this host, in viommuspec's own QEMU.
#
#     recipes/pull-lab.sh JOB-DEFINITION-URL BUILD-ID
#
# The definition is what Maestro offers a lab as the artifact job_definition; it names image and modules by their addresses.
# BUILD-ID is the build's in KCIDB, such as maestro:67c1e9. What is left in pull-lab-report/kcidb.json is yours to submit.
# REPLACE https://example.org/viommuspec.git by the address of your copy, and mylab by your origin in KCIDB.
# The build needs CONFIG_VIRTIO_IOMMU, VIRTIO_PCI, HW_RANDOM_VIRTIO, VFIO_PCI, VFIO_IOMMU_TYPE1 (y or m) and, for x86, ACPI_VIOT;
# one without them ends with 4 and a sentence that names what is missing.
set -eu

definition=$(curl --fail --silent --show-error --max-time 60 --max-filesize 1000000 "$1")
artifact() {
  printf '%s' "$definition" | jq --exit-status --raw-output ".artifacts.$1 | strings | select(test(\"^https?://\"))"
}
kernel=$(artifact kernel)
modules=$(artifact modules)

[ -d viommuspec ] || git clone --depth 1 https://example.org/viommuspec.git viommuspec
npm ci --prefix viommuspec
exec npx --prefix viommuspec viommuspec run --kernel "$kernel" --modules "$modules" --out pull-lab-report \
  --format kcidb --format html --kcidb-origin mylab --kcidb-build "$2"
