//go:build !linux && !darwin

package main

import (
	"errors"

	"github.com/medtech-detect/sepsis/server"
)

// diskOf is not known here.
func diskOf(string) (server.Disk, error) { return server.Disk{}, errors.ErrUnsupported }
