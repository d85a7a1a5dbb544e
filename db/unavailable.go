package db

import (
	"context"
	"errors"
	"io"
	"net"

	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/puddle/v2"
)

// Unavailable says whether an error of this package means that the database could not be reached or is going down,
// so that the same work may succeed later. A statement the database refused is not such an error, nor is a caller that
// gave up.
func Unavailable(err error) bool {
	var refused *pgconn.PgError
	var connecting *pgconn.ConnectError
	var network net.Error
	switch {
	case err == nil, errors.Is(err, context.Canceled):
		return false
	case errors.As(err, &connecting):
		return true // whatever the cause, a refused password too: no statement was judged
	case errors.As(err, &refused):
		return outOfService(refused.Code)
	case errors.As(err, &network),
		errors.Is(err, context.DeadlineExceeded),
		errors.Is(err, io.EOF),
		errors.Is(err, io.ErrUnexpectedEOF),
		errors.Is(err, net.ErrClosed),
		errors.Is(err, puddle.ErrClosedPool):
		return true
	}
	return pgconn.SafeToRetry(err) // nothing was sent: the connection was found dead
}

// outOfService says whether a SQLSTATE speaks of the server, not of the statement: connection exceptions (08),
// insufficient resources (53, too many connections among them), shutdown, crash and starting up (57P01 to 57P03).
func outOfService(code string) bool {
	switch code {
	case "57P01", "57P02", "57P03":
		return true
	}
	return len(code) == 5 && (code[:2] == "08" || code[:2] == "53")
}

// Deadlocked says whether PostgreSQL ended the transaction because it and another one waited for each other: nothing of it
// was done, and it may be run again.
func Deadlocked(err error) bool {
	var refused *pgconn.PgError
	return errors.As(err, &refused) && refused.Code == "40P01"
}

// Broken returns the name of the constraint that refused a write, or "" for any other error.
func Broken(err error) string {
	var refused *pgconn.PgError
	if errors.As(err, &refused) {
		return refused.ConstraintName
	}
	return ""
}
