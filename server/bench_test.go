package server_test

import "testing"

// BenchmarkFlat is the cost of one flat request inside the process, without the model and the network.
func BenchmarkFlat(b *testing.B) { benchmark(b, flatBody) }

// BenchmarkIncoherent is the same for a refused body.
func BenchmarkIncoherent(b *testing.B) { benchmark(b, incoherentBodies[len(incoherentBodies)-1].body) }

func benchmark(b *testing.B, body string) {
	handler := newServer(b, &fakePredictor{})
	b.ReportAllocs()
	for b.Loop() {
		predict(handler, body)
	}
}
