package db

import (
	"context"
	"errors"
	"fmt"
	"reflect"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"
)

// Listing returns the way for a clinic's lists and searches of owners and pets, and for the platform's of clinics and
// terms: the same rows under the same role and setting. With a [Replica] they are read there, if it has all that was
// written in the scope before the call; the primary is asked for that meanwhile, by one row. Without one, and for a
// person, it is the scope itself.
//
// It is not for what is opened to be changed, nor for what decides: that needs the primary's rows and locks. A list of
// other tables needs them noted, as in migrations/00040_editions.sql.
func (s Scope) Listing() DBTX {
	if s.replica == nil {
		return s
	}
	return listing{s}
}

// listing sends queries to the replica where it can.
type listing struct{ Scope }

func (l listing) Query(ctx context.Context, sql string, args ...any) (pgx.Rows, error) {
	if rows, ok := l.replica.query(ctx, l.Scope, sql, args); ok {
		return rows, nil
	}
	return l.Scope.Query(ctx, sql, args...)
}

func (l listing) QueryRow(ctx context.Context, sql string, args ...any) pgx.Row {
	rows, err := l.Query(ctx, sql, args...)
	return scopedRow{rows: rows, err: err}
}

// readRows are rows that were read to the end: a replica may end a statement half way, to go on replaying, when the first
// rows must not have been given to anybody yet.
type readRows struct {
	fields []pgconn.FieldDescription
	values [][][]byte
	at     int // the row after the current one
	tag    pgconn.CommandTag
	types  *pgtype.Map
	plans  []pgtype.ScanPlan // of columns into the types below
	into   []reflect.Type
	err    error
}

func readAll(rows pgx.Rows) (*readRows, error) {
	read := &readRows{fields: append([]pgconn.FieldDescription(nil), rows.FieldDescriptions()...), types: pgtype.NewMap()}
	for rows.Next() {
		row := make([][]byte, len(read.fields))
		for i, value := range rows.RawValues() {
			if value != nil {
				row[i] = append([]byte{}, value...)
			}
		}
		read.values = append(read.values, row)
	}
	rows.Close()
	read.tag = rows.CommandTag()
	return read, rows.Err()
}

func (r *readRows) Close()                                       { r.at = len(r.values) + 1 }
func (r *readRows) Err() error                                   { return r.err }
func (r *readRows) CommandTag() pgconn.CommandTag                { return r.tag }
func (r *readRows) FieldDescriptions() []pgconn.FieldDescription { return r.fields }
func (r *readRows) Conn() *pgx.Conn                              { return nil }
func (r *readRows) TypeMap() *pgtype.Map                         { return r.types }

func (r *readRows) Next() bool {
	if r.at >= len(r.values) {
		r.Close()
		return false
	}
	r.at++
	return true
}

func (r *readRows) RawValues() [][]byte {
	if r.at == 0 || r.at > len(r.values) {
		return nil
	}
	return r.values[r.at-1]
}

// Scan reads a row; like pgx's own rows, these close when it fails.
func (r *readRows) Scan(dest ...any) error {
	err := r.scan(dest)
	if err != nil {
		r.err = err
		r.Close()
	}
	return err
}

func (r *readRows) scan(dest []any) error {
	if len(dest) == 1 {
		if row, ok := dest[0].(pgx.RowScanner); ok {
			return row.ScanRow(r)
		}
	}
	values := r.RawValues()
	if values == nil {
		return errors.New("scan without a row")
	}
	if len(dest) != len(values) {
		return fmt.Errorf("%d destinations for %d columns", len(dest), len(values))
	}
	if r.plans == nil {
		r.plans, r.into = make([]pgtype.ScanPlan, len(dest)), make([]reflect.Type, len(dest))
	}
	for i, into := range dest {
		if into == nil {
			continue
		}
		if kind := reflect.TypeOf(into); r.into[i] != kind {
			r.plans[i], r.into[i] = r.types.PlanScan(r.fields[i].DataTypeOID, r.fields[i].Format, into), kind
		}
		if err := r.plans[i].Scan(values[i], into); err != nil {
			return pgx.ScanArgError{ColumnIndex: i, FieldName: r.fields[i].Name, Err: err}
		}
	}
	return nil
}

// Values returns the current row, each column as the type it has by itself.
func (r *readRows) Values() ([]any, error) {
	var decoded []any
	for i, value := range r.RawValues() {
		field := r.fields[i]
		kind, known := r.types.TypeForOID(field.DataTypeOID)
		switch {
		case value == nil:
			decoded = append(decoded, nil)
		case known:
			one, err := kind.Codec.DecodeValue(r.types, field.DataTypeOID, field.Format, value)
			if err != nil {
				return nil, err
			}
			decoded = append(decoded, one)
		case field.Format == pgx.TextFormatCode:
			decoded = append(decoded, string(value))
		default:
			decoded = append(decoded, value)
		}
	}
	return decoded, nil
}
