// Command dashboardcheck reads a Grafana dashboard strictly into the types that Grafana's own schemas make: no unknown field, no wrong
// type, none missing; and sees that panels do not overlap and have a known data source.
//
//	go run ./dashboardcheck ../deploy/monitoring/dashboard.json
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"

	"github.com/grafana/grafana-foundation-sdk/go/cog"
	"github.com/grafana/grafana-foundation-sdk/go/cog/plugins"
	"github.com/grafana/grafana-foundation-sdk/go/dashboard"
)

// columns is the width of Grafana's grid.
const columns = 24

// source is the uid of the data source that deploy/monitoring/grafana-sources.yml makes.
const source = "prometheus"

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dashboardcheck DASHBOARD")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	if err == nil {
		err = check(text)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "dashboardcheck:", err)
		os.Exit(1)
	}
}

func check(text []byte) error {
	plugins.RegisterDefaultPlugins()
	var strict, board dashboard.Dashboard //nolint:staticcheck // dashboardv2 is another form, which this file does not have
	err := strict.UnmarshalJSONStrict(text)
	var found cog.BuildErrors
	if err != nil && (!errors.As(err, &found) || len(found) > 0) { // an empty list of faults is none
		return err
	}
	// The strict reader drops panels, of which it gives such a list, too.
	if err := json.Unmarshal(text, &board); err != nil {
		return err
	}
	faults := []error{board.Validate()}
	taken := map[[2]uint32]bool{}
	for _, either := range board.Panels {
		panel := either.Panel
		if panel == nil || panel.GridPos == nil {
			continue // a row
		}
		at := *panel.GridPos
		for x := at.X; x < at.X+at.W; x++ {
			for y := at.Y; y < at.Y+at.H; y++ {
				if x >= columns || taken[[2]uint32{x, y}] {
					faults = append(faults, fmt.Errorf("panel %d: column %d, line %d is taken or outside", *panel.Id, x, y))
				}
				taken[[2]uint32{x, y}] = true
			}
		}
		if panel.Datasource == nil || panel.Datasource.Uid == nil || *panel.Datasource.Uid != source {
			faults = append(faults, fmt.Errorf("panel %d: its data source is not %s", *panel.Id, source))
		}
	}
	return errors.Join(faults...)
}
