package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"

	"vetalyze/db"
	"vetalyze/internal/clock"
	"vetalyze/internal/staff"
	"vetalyze/internal/telegram"
	"vetalyze/migrations"
)

// migrate brings a database up to date.
type migrate struct {
	storage `embed:""`
}

// Run migrates.
func (m *migrate) Run(ctx context.Context) (err error) {
	address, stop, err := m.database(ctx, newLogger(slog.LevelInfo))
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := migrations.Up(ctx, address); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	fmt.Println("The database is up to date.")
	return nil
}

// adminLink prints a one-time link for a platform admin.
type adminLink struct {
	storage     `embed:""`
	telegramAPI `embed:""`
}

// Validate says which setting is wrong and why.
func (a *adminLink) Validate() error {
	return errors.Join(a.telegramAPI.Validate(), a.storage.Validate())
}

// Run prints the link. It works beside a running bot.
func (a *adminLink) Run(ctx context.Context) (err error) {
	logger := newLogger(slog.LevelWarn)
	api, err := telegram.NewClient(ctx, telegram.ClientConfig{Token: a.Token, APIURL: a.APIURL, Logger: logger})
	if err != nil {
		return err
	}
	address, stop, err := a.database(ctx, logger)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, stop()) }()
	if err := migrations.Up(ctx, address); err != nil {
		return fmt.Errorf("migrate the database: %w", err)
	}
	database, err := db.Open(ctx, address)
	if err != nil {
		return err
	}
	defer database.Close()
	token, _, err := staff.New(database, clock.System()).AdminLink(ctx)
	if err != nil {
		return err
	}
	fmt.Printf("https://t.me/%s?start=%s\n", api.Me().Username, token)
	return nil
}
