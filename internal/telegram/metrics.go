package telegram

import (
	"time"

	"github.com/prometheus/client_golang/prometheus"

	"vetalyze/internal/trail"
)

// Metrics are what operators see of the transport. A nil *Metrics counts nothing.
type Metrics struct {
	updates *prometheus.HistogramVec
	turns   prometheus.Histogram
	letGo   prometheus.Counter // there from the start, so that the first one is seen to be more than none
	calls   *prometheus.HistogramVec
	waiting *prometheus.HistogramVec
	inHand  prometheus.Gauge
}

// NewMetrics makes the metrics and registers them.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	buckets := []float64{.001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30, 60}
	m := &Metrics{
		updates: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telegram_update_seconds", Buckets: buckets,
			Help: "Updates, from their arrival to the answer or to the end of the attempt, by what they were for and what came of it.",
		}, []string{"route", "outcome"}),
		turns: prometheus.NewHistogram(prometheus.HistogramOpts{
			Name: "telegram_turn_wait_seconds", Buckets: buckets,
			Help: "The part of that which passed before their chat had its turn and a place was free.",
		}),
		letGo: prometheus.NewCounter(prometheus.CounterOpts{
			Name: "telegram_updates_let_go_total",
			Help: "Updates that failed three times; their senders got an apology.",
		}),
		calls: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telegram_call_seconds", Buckets: buckets,
			Help: "Calls of the Bot API, each attempt by itself, by method and outcome. getUpdates waits for updates.",
		}, []string{"method", "outcome"}),
		waiting: prometheus.NewHistogramVec(prometheus.HistogramOpts{
			Name: "telegram_limit_wait_seconds", Buckets: buckets,
			Help: "Time a message waited for its turn within Telegram's limits.",
		}, []string{"sender"}),
		inHand: prometheus.NewGauge(prometheus.GaugeOpts{
			Name: "telegram_updates_in_hand",
			Help: "Updates received and not yet finished.",
		}),
	}
	registry.MustRegister(m.updates, m.turns, m.letGo, m.calls, m.waiting, m.inHand)
	return m
}

func (m *Metrics) turn(u *trail.Update) {
	if m != nil {
		m.turns.Observe(time.Since(u.At).Seconds())
	}
}

func (m *Metrics) handled(u *trail.Update, v verdict) {
	if m == nil {
		return
	}
	m.updates.WithLabelValues(u.Route(), v.String()).Observe(time.Since(u.At).Seconds())
	if v == letGo {
		m.letGo.Inc()
	}
}

func (m *Metrics) called(method string, o Outcome, took time.Duration) {
	if m != nil {
		m.calls.WithLabelValues(method, o.String()).Observe(took.Seconds())
	}
}

func (m *Metrics) waited(bulk bool, took time.Duration) {
	if m == nil {
		return
	}
	sender := "chat"
	if bulk {
		sender = "bulk"
	}
	m.waiting.WithLabelValues(sender).Observe(took.Seconds())
}

func (m *Metrics) took(n float64) {
	if m != nil {
		m.inHand.Add(n)
	}
}
