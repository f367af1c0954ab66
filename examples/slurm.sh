#!/bin/sh
# Checks a large site in sixteen parts as a job array, then merges them (docs/fleet.md). site.yaml stands in the folder from
# which this is submitted, which all nodes see; postern is on the PATH.
#
#   array=$(sbatch --parsable --array=1-16 slurm.sh)
#   sbatch --dependency=afterok:"$array" slurm.sh merge
#
#SBATCH --job-name=postern
#SBATCH --cpus-per-task=2
#SBATCH --time=00:30:00
set -eu

if [ "${1:-}" = merge ]; then
  postern merge parts --format json=report.json --format parquet=findings.parquet
  exit
fi

mkdir -p parts
# Status 1 means findings, which the merged report decides about.
postern check --deployment site.yaml --jobs "${SLURM_CPUS_PER_TASK:-1}" \
  --shard "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT" \
  --format "blob=parts/$SLURM_ARRAY_TASK_ID.blob" || test $? -eq 1
