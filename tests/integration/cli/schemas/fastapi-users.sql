-- Made by PyPI fastapi-users 15.0.5, fastapi-users-db-sqlalchemy 7.0.0.
BEGIN TRANSACTION;
CREATE TABLE oauth_account (
	id CHAR(36) NOT NULL, 
	user_id CHAR(36) NOT NULL, 
	oauth_name VARCHAR(100) NOT NULL, 
	access_token VARCHAR(1024) NOT NULL, 
	expires_at INTEGER, 
	refresh_token VARCHAR(1024), 
	account_id VARCHAR(320) NOT NULL, 
	account_email VARCHAR(320) NOT NULL, 
	PRIMARY KEY (id), 
	FOREIGN KEY(user_id) REFERENCES user (id) ON DELETE cascade
);
INSERT INTO "oauth_account" VALUES('1e41a057-fbb4-41aa-9ad2-8d260b1eca88','98f7c96c-018c-403c-b3c8-75482894411b','google','a-token',NULL,NULL,'people/1234','bob@example.com');
INSERT INTO "oauth_account" VALUES('30a00dfc-0d8d-443f-a834-132b075faaa3','dd32895a-ae0d-4750-b089-2eb21928e535','microsoft','a-token',NULL,NULL,'48d31887-5fad-4d73-a9f5','eve@example.com');
CREATE TABLE user (
	id CHAR(36) NOT NULL, 
	email VARCHAR(320) NOT NULL, 
	hashed_password VARCHAR(1024) NOT NULL, 
	is_active BOOLEAN NOT NULL, 
	is_superuser BOOLEAN NOT NULL, 
	is_verified BOOLEAN NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "user" VALUES('39376140-dba9-4bf0-bafb-1e0bbbc0b52a','Ada@example.com','$argon2id$v=19$m=65536,t=3,p=4$0IJD6DwXuJJFI2QjMIK/jQ$pR6+H5wVUYiCCFoCgYa23ZhswWPJ7Nml/bgvoA1K7gc',1,0,1);
INSERT INTO "user" VALUES('2ec600c3-4e39-4e6c-ab71-83512b68ac2d','new@example.com','$argon2id$v=19$m=65536,t=3,p=4$8EYXUIBTQiKzdSBjESKpRA$kjk7Z7VSEef81N+gUelAkKZks2RNPJvHVIwp+poiiG4',1,0,0);
INSERT INTO "user" VALUES('59e03782-fe82-4849-bfd3-39754fdbea16','off@example.com','$argon2id$v=19$m=65536,t=3,p=4$tzGIN8sqL3SBRjCrhV4iug$7L9rOVrUXaKhTptVecV6eNyd438d7jCPrS6DN5e22ss',0,0,0);
INSERT INTO "user" VALUES('98f7c96c-018c-403c-b3c8-75482894411b','bob@example.com','$argon2id$v=19$m=65536,t=3,p=4$DqYwtWou1LGew/1ucclMKw$dgymO9hRRnfDxlLg/94CCl21Q+CJquwBlAdn7C2WfFI',1,0,1);
INSERT INTO "user" VALUES('dd32895a-ae0d-4750-b089-2eb21928e535','eve@example.com','$argon2id$v=19$m=65536,t=3,p=4$NXT8L7rVpkm30XfpG5MKWg$zRt2Z2CTvonxJdOcV5lrIU+7Xh4IzTC0s7R0R5v0UVQ',1,0,1);
CREATE UNIQUE INDEX ix_user_email ON user (email);
CREATE INDEX ix_oauth_account_oauth_name ON oauth_account (oauth_name);
CREATE INDEX ix_oauth_account_account_id ON oauth_account (account_id);
COMMIT;
