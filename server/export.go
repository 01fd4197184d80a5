package server

import (
	"context"
	"io"

	"github.com/medtech-detect/sepsis"
)

// Export writes chosen records of an audit log as NDJSON, the newest first: a line is what GET /predictions/{id} would
// answer. It holds one record in memory at a time, and tells how many it wrote.
func Export(ctx context.Context, log sepsis.AuditLog, query sepsis.AuditQuery, to io.Writer) (written int, err error) {
	err = log.Records(ctx, query, func(record sepsis.Record) error {
		shown, err := shownWhole(ctx, log, &record)
		if err != nil {
			return err
		}
		line, err := encode(shown)
		if err != nil {
			return err
		}
		written++
		_, err = to.Write(append(line, '\n'))
		return err
	})
	return written, err
}
