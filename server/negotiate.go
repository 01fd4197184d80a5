package server

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// Media types of the answers.
const (
	jsonType   = "application/json"
	ndjsonType = "application/x-ndjson"
	textType   = "text/plain"
	htmlType   = "text/html"
	cssType    = "text/css"
	// metricsType is Prometheus' text format, which is asked for as text/plain.
	metricsType = "text/plain; version=0.0.4; charset=utf-8"
)

// negotiate picks the type of the answer among those offered, the best first (RFC 9110, section 12.5.1).
// It is false when the client accepts none. Parameters other than q are ignored.
func negotiate(header http.Header, offered []string) (string, bool) {
	accept := strings.TrimSpace(strings.Join(header.Values("Accept"), ","))
	if accept == "" || accept == "*/*" { // as most clients
		return offered[0], true
	}
	ranges := parseAccept(accept)
	chosen, highest := "", 0.0
	for _, offer := range offered {
		if quality := ranges.quality(offer); quality > highest {
			chosen, highest = offer, quality
		}
	}
	return chosen, chosen != ""
}

// mediaRanges maps a range, such as text/*, to its quality.
type mediaRanges map[string]float64

// parseAccept reads an Accept header. What cannot be read is left out.
func parseAccept(accept string) mediaRanges {
	ranges := mediaRanges{}
	for part := range strings.SplitSeq(accept, ",") {
		name, parameters, err := mime.ParseMediaType(part)
		if err != nil {
			continue
		}
		quality := 1.0
		if q, stated := parameters["q"]; stated {
			quality, err = strconv.ParseFloat(q, 64)
			if err != nil || quality < 0 || quality > 1 {
				continue
			}
		}
		ranges[name] = max(ranges[name], quality)
	}
	return ranges
}

// quality is that of the most specific range that covers the type; 0 when none does.
func (r mediaRanges) quality(mediaType string) float64 {
	family, _, _ := strings.Cut(mediaType, "/")
	for _, name := range []string{mediaType, family + "/*", "*/*"} {
		if quality, covered := r[name]; covered {
			return quality
		}
	}
	return 0
}

// isJSON tells whether the body is declared as JSON in UTF-8, uncompressed.
func isJSON(header http.Header) bool { return declaredType(header) == jsonType }

// encoded tells whether a body is compressed, or its headers contradict each other: of two, others on the way may go by the one
// that is not read here (RFC 9110, sections 5.3 and 8.3).
func encoded(header http.Header) bool {
	encoding := header.Get("Content-Encoding")
	return encoding != "" && !strings.EqualFold(encoding, "identity") || len(header.Values("Content-Encoding")) > 1 || len(header.Values("Content-Type")) > 1
}

// declaredType is the type of the body: JSON if none is declared, empty for what is compressed, declared twice, or not in UTF-8.
func declaredType(header http.Header) string {
	if encoded(header) {
		return ""
	}
	declared := header.Get("Content-Type")
	if declared == "" || declared == jsonType { // as most clients
		return jsonType
	}
	name, parameters, err := mime.ParseMediaType(declared)
	if err != nil {
		return ""
	}
	if charset, stated := parameters["charset"]; stated && !strings.EqualFold(charset, "utf-8") {
		return ""
	}
	return name
}
