package main

import (
	"bytes"
	"os"
	"regexp"
	"testing"

	"github.com/CycloneDX/cyclonedx-go"
)

// The test's own binary is a Go program that holds cyclonedx-go.
func TestBillOfThisTest(t *testing.T) {
	binary, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var first, second bytes.Buffer
	for _, w := range []*bytes.Buffer{&first, &second} {
		if err := write(w, binary, "v1.2.3"); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() {
		t.Error("the same binary gave two different bills")
	}
	bill := new(cyclonedx.BOM)
	if err := cyclonedx.NewBOMDecoder(&first, cyclonedx.BOMFileFormatJSON).Decode(bill); err != nil {
		t.Fatal(err)
	}
	if !regexp.MustCompile(`^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(bill.SerialNumber) {
		t.Errorf("serial number %s", bill.SerialNumber)
	}
	if version := bill.Metadata.Component.Version; version != "v1.2.3" {
		t.Errorf("version %s", version)
	}
	held := map[string]string{}
	for _, part := range *bill.Components {
		held[part.Name] = part.Version
	}
	if held["std"] == "" || held["github.com/CycloneDX/cyclonedx-go"] == "" {
		t.Errorf("components %v", held)
	}
}

func TestWhatIsNoGoProgram(t *testing.T) {
	if err := write(new(bytes.Buffer), "main.go", "v1.2.3"); err == nil {
		t.Error("a bill of a text file")
	}
}
