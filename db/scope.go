package db

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgxpool"
)

// A Scope runs statements for one clinic, one person or the platform, and for nobody else: PostgreSQL's row-level
// security reads whom from a setting that travels with each statement. Setting and statement are one batch, one round
// trip and one implicit transaction, so the setting is gone when the connection is given back.
//
// A Scope is a DBTX for generated queries. The zero Scope is not usable.
type Scope struct {
	pool    *pgxpool.Pool
	set     string // the statement that says for whom; empty on the platform's side
	whom    string
	replica *replica // for listings; nil: there is none
}

const (
	setClinic = "SELECT set_config('app.clinic_id', $1, true)"
	setPerson = "SELECT set_config('app.telegram_id', $1, true)"
)

// Clinic returns the scope of one clinic: its staff, owners and pets, and what it may see of its subscriptions.
func (d *DB) Clinic(clinicID int64) Scope {
	return Scope{pool: d.clinic, set: setClinic, whom: strconv.FormatInt(clinicID, 10), replica: d.replica}
}

// Person returns the scope of one Telegram account: what is known of it, its memberships and its dialog.
func (d *DB) Person(telegramID int64) Scope {
	return Scope{pool: d.clinic, set: setPerson, whom: strconv.FormatInt(telegramID, 10)}
}

// Platform returns the scope of the platform: all clinics, staff and subscriptions; no owner and no pet.
func (d *DB) Platform() Scope {
	return Scope{pool: d.platform, replica: d.replica}
}

// Exec runs a statement that returns no rows.
func (s Scope) Exec(ctx context.Context, sql string, args ...any) (pgconn.CommandTag, error) {
	if s.set == "" {
		return s.pool.Exec(ctx, sql, args...)
	}
	results := s.send(ctx, sql, args)
	tag, err := results.Exec()
	// Closing reads to the end of the implicit transaction: what deferred constraints refuse comes only then.
	if ended := results.Close(); err == nil {
		err = ended
	}
	return tag, err
}

// Query runs a statement that returns rows. Its connection is given back when they are closed or read to the end.
func (s Scope) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if s.set == "" {
		return s.pool.Query(ctx, sql, args...)
	}
	results := s.send(ctx, sql, args)
	rows, err := results.Query()
	scoped := &scopedRows{Rows: rows, results: results}
	if err != nil {
		scoped.Close()
		return scoped, err
	}
	return scoped, nil
}

// QueryRow runs a statement for its first row; an error, or pgx.ErrNoRows, comes from Scan.
func (s Scope) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	if s.set == "" {
		return s.pool.QueryRow(ctx, sql, args...)
	}
	rows, err := s.Query(ctx, sql, args...)
	return scopedRow{rows: rows, err: err}
}

// SendBatch runs the statements of a batch in one round trip and, outside InTx, in one implicit transaction.
func (s Scope) SendBatch(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	if s.set == "" {
		return s.pool.SendBatch(ctx, batch)
	}
	scoped := s.batch(len(batch.QueuedQueries))
	scoped.QueuedQueries = append(scoped.QueuedQueries, batch.QueuedQueries...)
	return s.sendScoped(ctx, scoped)
}

func (s Scope) send(ctx context.Context, sql string, args []any) pgx.BatchResults {
	scoped := s.batch(1)
	scoped.Queue(sql, args...)
	return s.sendScoped(ctx, scoped)
}

// batch returns a batch that says for whom, with room for so many statements.
func (s Scope) batch(statements int) *pgx.Batch {
	batch := &pgx.Batch{QueuedQueries: make([]*pgx.QueuedQuery, 0, 1+statements)}
	batch.Queue(s.set, s.whom)
	return batch
}

func (s Scope) sendScoped(ctx context.Context, batch *pgx.Batch) pgx.BatchResults {
	results := s.pool.SendBatch(ctx, batch)
	_, _ = results.Exec() // the setting's own result; its error comes again from those that follow
	return results
}

// Tx is what InTx hands to its function: a DBTX whose statements are one transaction.
type Tx interface {
	DBTX
	SendBatch(context.Context, *pgx.Batch) pgx.BatchResults
}

// rollbackTime is how long to try to undo after the caller's context has ended.
const rollbackTime = 5 * time.Second

// InTx runs the function in one transaction: committed if it returns nil, undone otherwise. Beginning and saying for
// whom are one round trip, committing another.
func (s Scope) InTx(ctx context.Context, do func(tx Tx) error) (err error) {
	conn, err := s.pool.Acquire(ctx)
	if err != nil {
		return err
	}
	defer conn.Release()

	tx, err := s.begin(ctx, conn)
	if err != nil {
		return err
	}
	defer func() { // on every way out, a panic too; nothing is left to undo after a commit
		ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
		defer cancel()
		if failed := tx.Rollback(ctx); failed != nil && !errors.Is(failed, pgx.ErrTxClosed) && err == nil {
			err = failed
		}
	}()

	if err := do(tx); err != nil {
		return err
	}
	return tx.Commit(ctx)
}

func (s Scope) begin(ctx context.Context, conn *pgxpool.Conn) (pgx.Tx, error) {
	if s.set == "" {
		return conn.Begin(ctx)
	}
	batch := &pgx.Batch{}
	batch.BeginTx(pgx.TxOptions{})
	batch.Queue(s.set, s.whom)
	results := conn.SendBatch(ctx, batch)
	tx := results.Tx()
	if err := results.Close(); err != nil {
		if tx != nil {
			ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), rollbackTime)
			defer cancel()
			_ = tx.Rollback(ctx) // the first error is the one to tell
		}
		return nil, err
	}
	return tx, nil
}

// scopedRows are rows that come in a batch: closing them ends the batch, which gives the connection back.
type scopedRows struct {
	pgx.Rows
	results pgx.BatchResults
	closed  bool
	err     error // of the end of the implicit transaction
}

func (r *scopedRows) Next() bool {
	if r.Rows.Next() {
		return true
	}
	r.Close()
	return false
}

func (r *scopedRows) Close() {
	if r.closed {
		return
	}
	r.closed = true
	r.Rows.Close()
	r.err = r.results.Close()
}

func (r *scopedRows) Err() error {
	if err := r.Rows.Err(); err != nil {
		return err
	}
	return r.err
}

// Scan reads a row; like pgx's own rows, these close when it fails.
func (r *scopedRows) Scan(dest ...any) error {
	err := r.Rows.Scan(dest...)
	if err != nil {
		r.Close()
	}
	return err
}

type scopedRow struct {
	rows pgx.Rows
	err  error
}

func (r scopedRow) Scan(dest ...any) error {
	if r.err != nil {
		return r.err
	}
	defer r.rows.Close()
	if !r.rows.Next() {
		if err := r.rows.Err(); err != nil {
			return err
		}
		return pgx.ErrNoRows
	}
	if err := r.rows.Scan(dest...); err != nil {
		return err
	}
	r.rows.Close()
	return r.rows.Err()
}
