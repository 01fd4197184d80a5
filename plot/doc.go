// Package plot draws small charts as SVG: lines, steps, points, bars, bands, error bars, reference lines, heat maps
// and grids of them.
//
// A picture is self-contained: no script, no style sheet, no font or file from elsewhere, presentation attributes in
// place of style attributes, so that it may stand inside a page with a strict Content-Security-Policy. It carries
// role="img", a title and a description for screen readers. The same chart gives the same bytes.
//
// A value that is not finite, whose absolute value exceeds 1e300, or that is not positive on a logarithmic axis,
// is a gap. A chart without any value shows its frame and the words "no data".
package plot
