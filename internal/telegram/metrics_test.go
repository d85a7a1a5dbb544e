package telegram

import (
	"testing"
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vetalyze/internal/trail"
)

// TestCountingIsCheap: it is done for every update and call, and leaves nothing to the garbage collector.
func TestCountingIsCheap(t *testing.T) {
	metrics := NewMetrics(prometheus.NewRegistry())
	u := &trail.Update{ID: 1, Chat: 9, At: time.Now()}
	allocs := testing.AllocsPerRun(100, func() {
		metrics.took(1)
		metrics.turn(u)
		metrics.waited(false, time.Millisecond)
		metrics.called("sendMessage", Classify(nil), time.Millisecond)
		metrics.handled(u, handled)
		metrics.took(-1)
	})
	if allocs > 0 {
		t.Errorf("counting an update costs %v allocations", allocs)
	}
}

func BenchmarkCounting(b *testing.B) {
	metrics := NewMetrics(prometheus.NewRegistry())
	u := &trail.Update{ID: 1, Chat: 9, At: time.Now()}
	b.ReportAllocs()
	for b.Loop() {
		metrics.took(1)
		metrics.turn(u)
		metrics.waited(false, time.Millisecond)
		metrics.called("sendMessage", Classify(nil), time.Millisecond)
		metrics.handled(u, handled)
		metrics.took(-1)
	}
}
