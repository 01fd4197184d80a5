package monitor

import (
	"errors"
	"math"

	"gonum.org/v1/gonum/stat/distuv"

	"github.com/medtech-detect/sepsis"
)

// Bounds of the levels, see sepsis.DriftLevel.
const (
	moderateFrom = 0.1
	largeFrom    = 0.25
)

// PSI is the population stability index, sum of (a - e) ln(a/e) over bins, where e and a are the shares in the bin in
// the reference and now: the symmetrised divergence of Kullback and Leibler (Siddiqi 2006, ISBN 978-0-471-75451-0). 0 is
// no change; it has no upper bound. An empty bin has no logarithm and is an error.
func PSI(reference, now []float64) (float64, error) {
	if len(reference) != len(now) || len(now) < 2 {
		return 0, errors.New("PSI: the same two or more bins are needed on both sides")
	}
	sum := 0.0
	for i, e := range reference {
		if !(e > 0 && now[i] > 0) {
			return 0, errors.New("PSI: a bin is empty")
		}
		sum += (now[i] - e) * math.Log(now[i]/e)
	}
	return sum, nil
}

// chance is the PSI of that many bins that two samples of one distribution exceed once in 20 times: PSI is then
// distributed as (1/n + 1/m) chi-squared with bins - 1 degrees of freedom (Yurdakul 2018, Statistical Properties of
// Population Stability Index, Western Michigan University, https://scholarworks.wmich.edu/dissertations/3208).
func chance(bins, n, m int) float64 {
	return distuv.ChiSquared{K: float64(bins - 1)}.Quantile(0.95) * (1/float64(n) + 1/float64(m))
}

func level(psi float64) sepsis.DriftLevel {
	switch {
	case psi >= largeFrom:
		return sepsis.LargeDrift
	case psi >= moderateFrom:
		return sepsis.ModerateDrift
	}
	return sepsis.StableDrift
}

// shares of counts, with half a count added to each, so that what has not happened yet is rare and not impossible (the
// prior of Jeffreys 1946, doi:10.1098/rspa.1946.0056).
func shares(counts []int) []float64 {
	total := 0.5 * float64(len(counts))
	for _, count := range counts {
		total += float64(count)
	}
	all := make([]float64, len(counts))
	for i, count := range counts {
		all[i] = (float64(count) + 0.5) / total
	}
	return all
}
