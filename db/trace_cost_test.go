package db

import (
	"context"
	"sync/atomic"
	"testing"

	"github.com/jackc/pgx/v5"
	"github.com/prometheus/client_golang/prometheus"
)

// TestTracingIsCheap: it runs with every statement. One allocation is the context that pgx asks for; counting needs none.
func TestTracingIsCheap(t *testing.T) {
	metrics := NewMetrics(prometheus.NewRegistry())
	set := settings{}
	Measured(metrics)(&set)
	trace := tracer{observers: set.observers, asking: new(atomic.Int64)}
	batch := &pgx.Batch{}
	batch.Queue(setClinic, "1")
	batch.Queue("-- name: OwnerPage :many\nSELECT 1")
	allocs := testing.AllocsPerRun(100, func() {
		ctx := trace.TraceBatchStart(context.Background(), nil, pgx.TraceBatchStartData{Batch: batch})
		trace.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{})
	})
	if allocs > 1 {
		t.Errorf("a round trip costs %v allocations, want 1", allocs)
	}
}

func BenchmarkTrace(b *testing.B) {
	set := settings{}
	Measured(NewMetrics(prometheus.NewRegistry()))(&set)
	trace := tracer{observers: set.observers, asking: new(atomic.Int64)}
	batch := &pgx.Batch{}
	batch.Queue(setClinic, "1")
	batch.Queue("-- name: OwnerPage :many\nSELECT 1")
	b.ReportAllocs()
	for b.Loop() {
		ctx := trace.TraceBatchStart(context.Background(), nil, pgx.TraceBatchStartData{Batch: batch})
		trace.TraceBatchEnd(ctx, nil, pgx.TraceBatchEndData{})
	}
}
