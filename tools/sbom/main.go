// Command sbom writes the bill of materials of a Go program, from what its binary says of itself, as CycloneDX JSON.
//
//	go run ./sbom ../bin/sepsis v1.2.3 > sepsis.cdx.json
//
// The same binary gives the same bytes.
package main

import (
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"path"
	"runtime/debug"
	"strings"

	"github.com/CycloneDX/cyclonedx-go"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: sbom BINARY VERSION")
		os.Exit(2)
	}
	if err := write(os.Stdout, os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "sbom:", err)
		os.Exit(1)
	}
}

func write(w io.Writer, binary, version string) error {
	bill, err := billOf(binary, version)
	if err != nil {
		return err
	}
	return cyclonedx.NewBOMEncoder(w, cyclonedx.BOMFileFormatJSON).SetPretty(true).Encode(bill)
}

func billOf(binary, version string) (*cyclonedx.BOM, error) {
	content, err := os.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	info, err := buildinfo.ReadFile(binary)
	if err != nil {
		return nil, err
	}
	sum := sha256.Sum256(content)
	program := component(cyclonedx.ComponentTypeApplication, debug.Module{Path: info.Main.Path, Version: version})
	program.Name = path.Base(info.Path)
	program.Hashes = &[]cyclonedx.Hash{{Algorithm: cyclonedx.HashAlgoSHA256, Value: hex.EncodeToString(sum[:])}}
	program.Properties = settings(info.Settings)
	parts := componentsOf(info)
	bill := cyclonedx.NewBOM()
	bill.SerialNumber = serial(sum)
	bill.Metadata = &cyclonedx.Metadata{Component: &program}
	bill.Components = &parts
	bill.Dependencies = &[]cyclonedx.Dependency{{Ref: program.BOMRef, Dependencies: references(parts)}}
	return bill, nil
}

// componentsOf are the modules that the binary holds, and the standard library.
func componentsOf(info *debug.BuildInfo) []cyclonedx.Component {
	standard := component(cyclonedx.ComponentTypeLibrary, debug.Module{Path: "std", Version: strings.TrimPrefix(info.GoVersion, "go")})
	parts := []cyclonedx.Component{standard}
	for _, module := range info.Deps {
		if module.Replace != nil {
			module = module.Replace
		}
		parts = append(parts, component(cyclonedx.ComponentTypeLibrary, *module))
	}
	return parts
}

func component(kind cyclonedx.ComponentType, module debug.Module) cyclonedx.Component {
	// The form of package URLs of Go modules: https://github.com/package-url/purl-spec, type golang.
	url := "pkg:golang/" + module.Path
	if module.Version != "" {
		url += "@" + module.Version
	}
	return cyclonedx.Component{Type: kind, Name: module.Path, Version: module.Version, PackageURL: url, BOMRef: url}
}

// settings are how the binary was built: processor, flags, commit.
func settings(all []debug.BuildSetting) *[]cyclonedx.Property {
	var properties []cyclonedx.Property
	for _, setting := range all {
		properties = append(properties, cyclonedx.Property{Name: "go:build:" + setting.Key, Value: setting.Value})
	}
	return &properties
}

func references(parts []cyclonedx.Component) *[]string {
	var all []string
	for _, part := range parts {
		all = append(all, part.BOMRef)
	}
	return &all
}

// serial is a UUID of version 8 (RFC 9562, section 5.8) from the digest of the binary.
func serial(sum [sha256.Size]byte) string {
	sum[6] = sum[6]&0x0f | 0x80
	sum[8] = sum[8]&0x3f | 0x80
	return fmt.Sprintf("urn:uuid:%x-%x-%x-%x-%x", sum[:4], sum[4:6], sum[6:8], sum[8:10], sum[10:16])
}
