package db

import (
	"context"
	"errors"
	"log/slog"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/prometheus/client_golang/prometheus"
)

// Metrics are what operators see of the database: its round trips by name, and the pools.
type Metrics struct {
	queries *prometheus.HistogramVec

	mu    sync.Mutex // guards what follows
	pools []measuredPool
	ear   *ear // nil: no DB is open
}

// A measuredPool is one of the pools, by its name in the metrics.
type measuredPool struct {
	name   string
	pool   *pgxpool.Pool
	asking *atomic.Int64
}

// NewMetrics makes the metrics and registers them; Measured has a DB keep them.
func NewMetrics(registry prometheus.Registerer) *Metrics {
	m := &Metrics{queries: prometheus.NewHistogramVec(prometheus.HistogramOpts{
		Name: "db_query_seconds",
		Help: "Round trips to PostgreSQL with a connection in hand, rows read, by the statement's name in queries/*.sql " +
			"(or its first word) and outcome.",
		Buckets: []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 10},
	}, []string{"query", "outcome"})}
	registry.MustRegister(m.queries, poolCollector{m})
	return m
}

// Measured has the round trips and pools of a DB counted.
func Measured(m *Metrics) Option {
	return func(s *settings) {
		s.metrics = m
		s.observers = append(s.observers, func(_ context.Context, query Query) { m.observe(query) })
	}
}

// LogSlow has round trips that take at least so long logged, by the names of their statements and never with what they
// were given. 0 logs none.
func LogSlow(logger *slog.Logger, least time.Duration) Option {
	return func(s *settings) {
		if least <= 0 {
			return
		}
		s.observers = append(s.observers, func(ctx context.Context, query Query) {
			if query.Took >= least {
				logger.WarnContext(ctx, "slow query", "query", strings.Join(query.Names, "+"),
					"outcome", queryOutcome(query.Err), "ms", float64(query.Took.Microseconds())/1000)
			}
		})
	}
}

// observe counts a round trip under each of its statements.
func (m *Metrics) observe(query Query) {
	outcome := queryOutcome(query.Err)
	for _, name := range query.Names {
		m.queries.WithLabelValues(name, outcome).Observe(query.Took.Seconds())
	}
}

// queryOutcome tells apart who ended a round trip: nobody, the caller, an outage, or PostgreSQL with a refusal (a broken
// constraint is one, and often means to).
func queryOutcome(err error) string {
	switch {
	case err == nil:
		return "ok"
	case errors.Is(err, context.Canceled):
		return "cancelled"
	case Unavailable(err):
		return "unavailable"
	}
	return "refused"
}

// listen has announcements counted from now on.
func (m *Metrics) listen(e *ear) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.ear = e
}

// watch has a pool counted from now on.
func (m *Metrics) watch(pool measuredPool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.pools = append(m.pools, pool)
}

// poolCollector reads the pools when the metrics are asked for.
type poolCollector struct{ metrics *Metrics }

var (
	poolConnections = prometheus.NewDesc("db_pool_connections", "Connections of a pool by what they do.", []string{"pool", "state"}, nil)
	poolMost        = prometheus.NewDesc("db_pool_connections_most", "Connections a pool may have.", []string{"pool"}, nil)
	poolWaiting     = prometheus.NewDesc("db_pool_waiting", "Those who wait for a connection of a pool.", []string{"pool"}, nil)
	poolWaits       = prometheus.NewDesc("db_pool_waits_total", "Times that no connection of a pool was idle, so that somebody waited for one to come back or to be opened.", []string{"pool"}, nil)
	announced       = prometheus.NewDesc("db_announcements_total", "Changes of people, staff, clinics and lists that were heard of, once on each connection that hears them.", nil, nil)
	hears           = prometheus.NewDesc("db_hears", "1 while changes made by other processes are heard, so that what is remembered counts; 0 while the database is asked each time, as it is when nobody has asked anything for seconds.", nil, nil)
	poolWaited      = prometheus.NewDesc("db_pool_wait_seconds_total", "How long they waited together.", []string{"pool"}, nil)
)

// Describe names the figures.
func (c poolCollector) Describe(descs chan<- *prometheus.Desc) {
	for _, desc := range []*prometheus.Desc{poolConnections, poolMost, poolWaiting, poolWaits, poolWaited, announced, hears} {
		descs <- desc
	}
}

// Collect reads them.
func (c poolCollector) Collect(metrics chan<- prometheus.Metric) {
	c.metrics.mu.Lock()
	defer c.metrics.mu.Unlock()
	if e := c.metrics.ear; e != nil {
		live := 0.0
		if e.fresh() {
			live = 1
		}
		metrics <- prometheus.MustNewConstMetric(announced, prometheus.CounterValue, float64(e.heard.Load()))
		metrics <- prometheus.MustNewConstMetric(hears, prometheus.GaugeValue, live)
	}
	for _, p := range c.metrics.pools {
		stat := p.pool.Stat()
		gauge := func(desc *prometheus.Desc, value float64, labels ...string) {
			metrics <- prometheus.MustNewConstMetric(desc, prometheus.GaugeValue, value, append([]string{p.name}, labels...)...)
		}
		gauge(poolConnections, float64(stat.AcquiredConns()), "in_use")
		gauge(poolConnections, float64(stat.IdleConns()), "idle")
		gauge(poolConnections, float64(stat.ConstructingConns()), "opening")
		gauge(poolMost, float64(stat.MaxConns()))
		gauge(poolWaiting, float64(p.asking.Load()))
		metrics <- prometheus.MustNewConstMetric(poolWaits, prometheus.CounterValue, float64(stat.EmptyAcquireCount()), p.name)
		metrics <- prometheus.MustNewConstMetric(poolWaited, prometheus.CounterValue, stat.EmptyAcquireWaitTime().Seconds(), p.name)
	}
}
