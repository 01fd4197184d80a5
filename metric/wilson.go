package metric

import "math"

// normal975 is the 0.975 quantile of the normal distribution, for intervals of 95 %.
const normal975 = 1.959963984540054

// Wilson returns the 95 % score interval of a share, 0 to 1, of n that are independent of each other; n need not be whole. It lies within [0, 1]; both ends are
// NaN when n is 0. Source: Wilson 1927, doi:10.1080/01621459.1927.10502953.
func Wilson(share, n float64) (low, high float64) {
	const z = normal975
	middle := (share + z*z/(2*n)) / (1 + z*z/n)
	reach := z / (1 + z*z/n) * math.Sqrt(share*(1-share)/n+z*z/(4*n*n))
	return max(0, middle-reach), min(1, middle+reach)
}
