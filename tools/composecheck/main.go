// Command composecheck reads a Compose file as `docker compose config` does, with Docker's own library, and sees that what it mounts
// from beside it is there.
//
//	go run ./composecheck ../docker-compose.yml POSTGRES_PASSWORD=x
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/compose-spec/compose-go/v2/cli"
	"github.com/compose-spec/compose-go/v2/types"
)

// made are files that the operator makes first, as the file's head says.
var made = []string{"metrics.key"}

func main() {
	if len(os.Args) < 2 {
		fmt.Fprintln(os.Stderr, "usage: composecheck FILE [NAME=VALUE ...]")
		os.Exit(2)
	}
	if err := check(os.Args[1], os.Args[2:]); err != nil {
		fmt.Fprintln(os.Stderr, "composecheck:", err)
		os.Exit(1)
	}
}

// check loads the file, with variables of the form NAME=VALUE and no others.
func check(path string, variables []string) error {
	options, err := cli.NewProjectOptions([]string{path}, cli.WithEnv(variables), cli.WithInterpolation(true), cli.WithConsistency(true))
	if err != nil {
		return err
	}
	project, err := options.LoadProject(context.Background())
	if err != nil {
		return err
	}
	for _, service := range project.Services {
		err = errors.Join(err, mounts(service))
	}
	return err
}

// mounts sees that what a service mounts from beside the file is there.
func mounts(service types.ServiceConfig) error {
	var missing []error
	for _, volume := range service.Volumes {
		if volume.Type != types.VolumeTypeBind || slices.Contains(made, filepath.Base(volume.Source)) {
			continue
		}
		if _, err := os.Stat(volume.Source); err != nil {
			missing = append(missing, fmt.Errorf("%s: %w", service.Name, err))
		}
	}
	for _, port := range service.Ports {
		if !strings.HasPrefix(port.HostIP, "127.") {
			missing = append(missing, fmt.Errorf("%s: port %s is published beyond this machine", service.Name, port.Published))
		}
	}
	return errors.Join(missing...)
}
