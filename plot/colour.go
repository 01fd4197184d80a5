package plot

import (
	"fmt"
	"math"
)

// The colours of Okabe and Ito, "Color Universal Design", 2008 (https://jfly.uni-koeln.de/color/), which readers with
// any kind of colour blindness can tell apart.
const (
	Black         = "#000000"
	Orange        = "#E69F00"
	SkyBlue       = "#56B4E9"
	BluishGreen   = "#009E73"
	Yellow        = "#F0E442"
	Blue          = "#0072B2"
	Vermillion    = "#D55E00"
	ReddishPurple = "#CC79A7"
)

// palette is the order in which series are coloured: the darkest first, and yellow, which is pale on white, last.
var palette = [...]string{Blue, Vermillion, BluishGreen, ReddishPurple, Orange, SkyBlue, Black, Yellow}

// dashes tell lines apart without colour, in the order of the palette.
var dashes = [...]string{"", "6 3", "2 2", "8 3 2 3", "10 4", "4 2", "1 2", "12 3 3 3"}

// Grey is the colour of reference lines.
const Grey = "#777777"

// style is the look of one series.
type style struct {
	colour string
	dash   string // stroke-dasharray; empty for a full line
	marker int    // which shape
}

// seriesStyle is the look of the series with a number from 0.
func seriesStyle(number int) style {
	return style{colour: palette[number%len(palette)], dash: dashes[number%len(dashes)], marker: number}
}

// Scale is how a heat map turns values into colours.
type Scale int

// The scales of a heat map.
const (
	// Sequential goes from white at the low end to dark blue at the high end.
	Sequential Scale = iota
	// Diverging goes from vermillion at the low end through white in the middle to blue at the high end.
	Diverging
)

type rgb [3]float64

var (
	white      = rgb{255, 255, 255}
	deepBlue   = rgb{0, 63, 114}
	blue       = rgb{0, 114, 178}
	vermillion = rgb{213, 94, 0}
)

// at is the colour of a share from 0, the low end, to 1.
func (s Scale) at(share float64) rgb {
	share = math.Max(0, math.Min(1, share))
	if s == Sequential {
		return mix(white, deepBlue, share)
	}
	if share < 0.5 {
		return mix(vermillion, white, 2*share)
	}
	return mix(white, blue, 2*share-1)
}

func mix(a, b rgb, share float64) rgb {
	var mixed rgb
	for i := range mixed {
		mixed[i] = a[i] + share*(b[i]-a[i])
	}
	return mixed
}

func (c rgb) String() string {
	return fmt.Sprintf("#%02X%02X%02X", int(math.Round(c[0])), int(math.Round(c[1])), int(math.Round(c[2])))
}

// inkOn is the colour of text on a ground: white on dark. Lightness is weighed as in ITU-R BT.601.
func inkOn(ground rgb) string {
	if 0.299*ground[0]+0.587*ground[1]+0.114*ground[2] < 140 {
		return paper
	}
	return ink
}
