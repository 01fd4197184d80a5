package server

import (
	"net/http"
	"strings"

	"github.com/danielgtaylor/huma/v2"

	"github.com/medtech-detect/sepsis/web"
)

// kept is what browsers may do with assets: their path changes when they do.
const kept = "public, max-age=31536000, immutable"

// addPage registers the page for people and the files that it is made of. They hold no patient's data and are for everybody.
func (s *server) addPage(page web.Page) {
	s.addFile("/{$}", page.Document, "")
	for _, asset := range page.Assets {
		s.addFile(asset.Path, asset, kept)
	}
}

// addFile registers one file. Without a word on caching it has that of every answer: not kept.
func (s *server) addFile(path string, file web.File, caching string) {
	mediaType, _, _ := strings.Cut(file.MediaType, ";")
	s.add(public(huma.Operation{Method: http.MethodGet, Path: path, Hidden: true}), []string{mediaType}, func(c *call) (*reply, error) {
		header := c.writer.Header()
		header.Set("Vary", "Accept-Encoding")
		if caching != "" {
			header.Set("Cache-Control", caching)
		}
		if !acceptsGzip(c.request.Header) {
			return success(file.MediaType, file.Body), nil
		}
		header.Set("Content-Encoding", "gzip")
		return success(file.MediaType, file.Gzip()), nil
	})
}

// acceptsGzip reads an Accept-Encoding header, which has the form of Accept (RFC 9110, section 12.5.3).
func acceptsGzip(header http.Header) bool {
	for part := range strings.SplitSeq(strings.Join(header.Values("Accept-Encoding"), ","), ",") {
		coding, parameter, _ := strings.Cut(part, ";")
		if strings.EqualFold(strings.TrimSpace(coding), "gzip") {
			quality := strings.ReplaceAll(parameter, " ", "")
			return strings.Trim(strings.TrimPrefix(quality, "q="), "0.") != "" || quality == ""
		}
	}
	return false
}
