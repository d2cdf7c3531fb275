#!/bin/sh
# Make the data sets and every table of numbers anew; needs R with the survey package,
# VGAM (Debian: r-cran-vgam) for multinomial.R and clubSandwich (r-cran-clubsandwich) for smallsample.R.
set -eu
cd "$(dirname "$0")"
for script in data descriptive lonely calibrated replicates unequal twophase contrasts quantiles models tests terms ordinal multinomial hazards \
    imputation smallsample settings; do
    Rscript "$script.R"
done
