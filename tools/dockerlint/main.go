// Command dockerlint holds a Dockerfile to the checks of BuildKit, without a daemon and without a network.
//
//	go run ./dockerlint ../Dockerfile
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/moby/buildkit/client/llb"
	"github.com/moby/buildkit/client/llb/sourceresolver"
	"github.com/moby/buildkit/frontend/dockerfile/dockerfile2llb"
	"github.com/moby/buildkit/frontend/subrequests/lint"
	"github.com/moby/buildkit/solver/pb"
	"github.com/opencontainers/go-digest"
	ocispecs "github.com/opencontainers/image-spec/specs-go/v1"
)

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: dockerlint DOCKERFILE")
		os.Exit(2)
	}
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		fmt.Fprintln(os.Stderr, "dockerlint:", err)
		os.Exit(1)
	}
	findings, err := check(text)
	if err != nil {
		fmt.Fprintln(os.Stderr, "dockerlint:", err)
		os.Exit(1)
	}
	for _, finding := range findings {
		fmt.Printf("%s:%s\n", os.Args[1], finding)
	}
	if len(findings) > 0 {
		os.Exit(1)
	}
}

// check gives a line for each finding: where, which rule, and what is wrong.
func check(text []byte) ([]string, error) {
	platform := ocispecs.Platform{OS: "linux", Architecture: "amd64"}
	options := dockerfile2llb.ConvertOpt{
		MetaResolver: anyImage{},
		SourceMap:    &llb.SourceMap{Filename: "Dockerfile", Data: text, Definition: &llb.Definition{}},
	}
	options.BuildPlatforms = []ocispecs.Platform{platform}
	options.TargetPlatform = &platform
	results, err := dockerfile2llb.DockerfileLint(context.Background(), text, options)
	if err != nil {
		return nil, err
	}
	var findings []string
	for _, warning := range results.Warnings {
		findings = append(findings, fmt.Sprintf("%d: %s: %s", line(warning), warning.RuleName, warning.Detail))
	}
	if results.Error != nil {
		findings = append(findings, "error: "+results.Error.Message)
	}
	return findings, nil
}

// line is the first line of a warning; 0 when it is of the whole file.
func line(warning lint.Warning) int32 {
	if warning.Location == nil || len(warning.Location.Ranges) == 0 {
		return 0
	}
	return firstLine(warning.Location.Ranges[0])
}

func firstLine(r *pb.Range) int32 { return r.Start.Line }

// anyImage takes every base image for one that exists and says nothing of itself.
type anyImage struct{}

var _ sourceresolver.ImageMetaResolver = anyImage{}

// ResolveImageConfig gives an empty configuration.
func (anyImage) ResolveImageConfig(_ context.Context, reference string, options sourceresolver.Opt) (string, digest.Digest, []byte, error) {
	var image ocispecs.Image
	image.OS, image.Architecture = "linux", "amd64"
	if options.ImageOpt != nil && options.ImageOpt.Platform != nil {
		image.Architecture = options.ImageOpt.Platform.Architecture
	}
	config, err := json.Marshal(image)
	return reference, digest.FromBytes(config), config, err
}
