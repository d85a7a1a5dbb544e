package main

import (
	"log/slog"

	"github.com/prometheus/client_golang/prometheus"

	"vetalyze/db"
)

// replication is where lists and searches may be read.
type replication struct {
	DatabaseReplicaURL string `env:"DATABASE_REPLICA_URL" placeholder:"URL" help:"A streaming replica of the database, read for lists and searches. Empty: none; the database itself is read."`
}

// Validate says which setting is wrong and why.
func (r replication) Validate() error {
	return checkURL("DATABASE_REPLICA_URL", r.DatabaseReplicaURL, "postgres", "postgresql")
}

// tellReplica logs that the replica is left alone, and why, or that it is used again.
func (h *house) tellReplica(err error) {
	if err != nil {
		h.logger.Warn("the replica is left alone; the database answers for it", slog.Any("error", err))
		return
	}
	h.logger.Info("the replica is used again")
}

// measureReplica counts what becomes of lists and searches where there is a replica.
func (h *house) measureReplica() {
	for outcome, count := range map[string]func(db.ReplicaReads) uint64{
		"served":  func(r db.ReplicaReads) uint64 { return r.Served },
		"behind":  func(r db.ReplicaReads) uint64 { return r.Behind },
		"failed":  func(r db.ReplicaReads) uint64 { return r.Failed },
		"resting": func(r db.ReplicaReads) uint64 { return r.Resting },
	} {
		h.metrics.MustRegister(prometheus.NewCounterFunc(prometheus.CounterOpts{
			Name: "db_replica_reads_total",
			Help: "Lists and searches, where there is a replica, by what it did: served them, was behind a write they must show, failed, " +
				"or was left alone for having failed. But for the served, the database answered.",
			ConstLabels: prometheus.Labels{"outcome": outcome},
		}, func() float64 {
			reads, _ := h.db.ReplicaReads()
			return float64(count(reads))
		}))
	}
}
