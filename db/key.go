package db

import (
	"crypto/rand"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5/pgtype"
)

// A Key names one thing a person set out to do, so that what it saves is saved once however often it is confirmed.
// It is a random UUID.
type Key [16]byte

// NewKey returns a key nobody else has.
func NewKey() Key {
	var k Key
	rand.Read(k[:])         // never fails
	k[6] = k[6]&0x0f | 0x40 // version 4: random
	k[8] = k[8]&0x3f | 0x80 // the variant of RFC 9562
	return k
}

// String returns the key as UUIDs are written.
func (k Key) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", k[:4], k[4:6], k[6:8], k[8:10], k[10:])
}

// UUIDValue gives the key to pgx.
func (k Key) UUIDValue() (pgtype.UUID, error) {
	return pgtype.UUID{Bytes: k, Valid: true}, nil
}

// ScanUUID takes the key from pgx.
func (k *Key) ScanUUID(value pgtype.UUID) error {
	if !value.Valid {
		return errors.New("no key in NULL")
	}
	*k = value.Bytes
	return nil
}
