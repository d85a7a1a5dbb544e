package reminder

import (
	"context"
	"math"
	"time"

	"github.com/prometheus/client_golang/prometheus"
)

// What becomes of a notification, as the metrics name it.
const (
	eventPlanned     = "planned"
	eventSent        = "sent"
	eventRetried     = "retried"
	eventCancelled   = "cancelled"
	eventUnreachable = "unreachable"
	eventFailed      = "failed"
)

// Metrics are what operators see of notifications. A nil *Metrics counts nothing.
type Metrics struct {
	notifications *prometheus.CounterVec
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{
		notifications: prometheus.NewCounterVec(prometheus.CounterOpts{
			Name: "reminder_notifications_total",
			Help: "Notifications by kind and what became of them: planned, sent, to be tried again, no longer of use, receiver unreachable, refused for good.",
		}, []string{"kind", "event"}),
	}
	registry.MustRegister(m.notifications)
	for _, kind := range []Kind{KindReminder, KindEnded, KindDigest} { // there from the start, so that the first one is seen
		for _, event := range []string{eventPlanned, eventSent, eventRetried, eventCancelled, eventUnreachable, eventFailed} {
			m.notifications.WithLabelValues(string(kind), event)
		}
	}
	return m
}

// Watch has the lag asked for whenever metrics are.
func Watch(registry prometheus.Registerer, r *Reminders) {
	registry.MustRegister(prometheus.NewGaugeFunc(prometheus.GaugeOpts{
		Name: "reminder_oldest_due_seconds",
		Help: "How long the oldest due notification has waited, in all instances together; NaN while PostgreSQL does not tell.",
	}, func() float64 {
		ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
		defer cancel()
		lag, err := r.Lag(ctx)
		if err != nil {
			return math.NaN()
		}
		return lag.Seconds()
	}))
}

func (m *Metrics) count(kind Kind, event string, n int64) {
	if m != nil && n > 0 {
		m.notifications.WithLabelValues(string(kind), event).Add(float64(n))
	}
}
