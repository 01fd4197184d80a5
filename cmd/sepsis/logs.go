package main

import (
	"io"
	"log/slog"
)

// logOptions say how the service logs.
type logOptions struct {
	LogLevel  slog.Level `default:"info" help:"Least level of the lines that are logged: debug, info, warn or error."`
	LogFormat string     `enum:"json,text" default:"json" help:"json, or text for a person at a terminal."`
}

func (o logOptions) logger(out io.Writer) *slog.Logger {
	options := &slog.HandlerOptions{Level: o.LogLevel}
	if o.LogFormat == "text" {
		return slog.New(slog.NewTextHandler(out, options))
	}
	return slog.New(slog.NewJSONHandler(out, options))
}
