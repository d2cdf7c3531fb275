#!/bin/sh
# Make the data sets and every table of numbers anew; needs R with the survey package, and VGAM for multinomial.R.
set -eu
cd "$(dirname "$0")"
for script in data descriptive lonely calibrated replicates unequal twophase contrasts quantiles models tests terms ordinal multinomial hazards imputation; do
    Rscript "$script.R"
done
