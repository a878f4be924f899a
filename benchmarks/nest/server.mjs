// The npm package as an application: users in memory, sessions in the Redis of BENCHMARK_REDIS.
// It speaks the protocol of benchmarks/server.py: a greeting with its port, then answers to `cpu`.

import 'reflect-metadata'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { randomUUID } from 'node:crypto'
import { Module } from '@nestjs/common'
import { NestFactory } from '@nestjs/core'
import { Redis } from 'ioredis'
import {
  BYMAX_AUTH_EMAIL_PROVIDER,
  BYMAX_AUTH_REDIS_CLIENT,
  BYMAX_AUTH_USER_REPOSITORY,
  BymaxAuthModule
} from '@bymax-one/nest-auth'

const ACCOUNTS = 8
const PASSWORD = 'lantern-orbit-velvet-92'
const TENANT = 'acme'
const KEEP_ALIVE = 600_000

class Users {
  byId = new Map()
  byEmail = new Map()

  async findById({ id }) {
    return this.byId.get(id) ?? null
  }
  async findByEmail({ email }) {
    return this.byEmail.get(email) ?? null
  }
  async create(data) {
    const user = {
      ...data,
      id: randomUUID(),
      role: 'USER',
      status: 'ACTIVE',
      emailVerified: true,
      mfaEnabled: false,
      lastLoginAt: null,
      createdAt: new Date()
    }
    this.byId.set(user.id, user)
    this.byEmail.set(user.email, user)
    return user
  }
  async updatePassword() {}
  async updateMfa() {}
  async updateLastLogin() {}
  async updateStatus() {}
  async updateEmailVerified() {}
  async updateEmail() {}
}

const mute = new Proxy({}, { get: (_, name) => (name === 'then' ? undefined : async () => {}) })
const redis = new Redis(process.env.BENCHMARK_REDIS)
// Nothing may use the connection before Redis has answered, or its first commands would be lost.
await once(redis, 'ready')

const auth = BymaxAuthModule.registerAsync({
  useFactory: () => ({
    jwt: { secret: 'k7Pq2vXz9LmR4tWb8NcY1dFh6JsG3aEu0iOxQyVw' },
    environment: 'test',
    tokenDelivery: 'bearer',
    password: { costFactor: 16384 },
    rateLimit: { enabled: false },
    roles: { hierarchy: { ADMIN: ['USER'], USER: [] } }
  }),
  extraProviders: [
    { provide: BYMAX_AUTH_USER_REPOSITORY, useValue: new Users() },
    { provide: BYMAX_AUTH_REDIS_CLIENT, useValue: redis },
    { provide: BYMAX_AUTH_EMAIL_PROVIDER, useValue: mute }
  ]
})

class App {}
Module({ imports: [auth] })(App)

const app = await NestFactory.create(App, { logger: false })
app.setGlobalPrefix('auth')
await app.listen(0, '127.0.0.1')
const server = app.getHttpServer()
server.keepAliveTimeout = KEEP_ALIVE
const { port } = server.address()

for (let number = 0; number < ACCOUNTS; number += 1) {
  const answer = await fetch(`http://127.0.0.1:${port}/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: `user${number}@example.com`,
      password: PASSWORD,
      name: 'Ada Lovelace',
      tenantId: TENANT
    })
  })
  if (!answer.ok) throw new Error(`register was answered ${answer.status}: ${await answer.text()}`)
}

const say = (value) => process.stdout.write(`${JSON.stringify(value)}\n`)
say({ port, loop: `Node ${process.version}`, http: 'express' })
for await (const line of createInterface({ input: process.stdin })) {
  const { user, system } = process.cpuUsage()
  say(line === 'cpu' ? (user + system) * 1000 : null)
}
process.exit(0)
