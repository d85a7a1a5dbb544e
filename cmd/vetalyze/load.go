package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"time"

	"vetalyze/internal/load"
	"vetalyze/migrations"
)

// fill loads a database with made-up clinics.
type fill struct {
	storage `embed:""`
	timing  `embed:""`

	Clinics int    `required:"" placeholder:"N" help:"How many clinics."`
	Owners  int    `required:"" placeholder:"M" help:"How many owners each clinic has; with three pets for every two."`
	Seed    uint64 `default:"1" placeholder:"S" help:"The same seed on the same day makes the same data (${default})."`
	Jobs    int    `placeholder:"J" help:"How many connections write at once (one for each processor)."`
}

// Help is shown below the command's line by --help.
func (f *fill) Help() string {
	return "Fills an empty database with made-up clinics: staff, a year of subscriptions, owners and pets with names in Arabic " +
		"and Latin letters, by COPY. For measuring and for trying things out at full size; never for a database in use. It " +
		"refuses one that has clinics of its own. Broken off, it goes on where it was when it is started again."
}

// Validate says which setting is wrong and why.
func (f *fill) Validate() error {
	switch {
	case f.Clinics < 1 || f.Clinics > load.MaxClinics:
		return fmt.Errorf("--clinics: from 1 to %d", load.MaxClinics)
	case f.Owners < 1 || f.Owners > load.MaxOwners:
		return fmt.Errorf("--owners: from 1 to %d", load.MaxOwners)
	case f.Jobs < 0 || f.Jobs > 64:
		return errors.New("--jobs: from 1 to 64")
	}
	return nil
}

// Run loads, showing on stderr how far it is.
func (f *fill) Run(ctx context.Context) (err error) {
	address, stop, err := f.database(ctx, newLogger(slog.LevelWarn))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := migrations.Up(ctx, address); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	started := time.Now()
	shown := newBar(os.Stderr)
	summary, err := load.Fill(ctx, address, load.Config{
		Clinics: f.Clinics, Owners: f.Owners, Seed: f.Seed, Jobs: f.Jobs, Clock: f.clock(), Report: shown.show,
	})
	shown.end()
	if err != nil {
		return err
	}
	fmt.Printf("%s clinics with %s staff, %s subscriptions, %s owners and %s pets, after %s.\n",
		grouped(summary.Clinics), grouped(summary.Staff), grouped(summary.Subscriptions), grouped(summary.Owners),
		grouped(summary.Pets), time.Since(started).Round(time.Second))
	return nil
}
