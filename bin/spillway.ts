#!/usr/bin/env node
import './compile-cache';
import { runProgram } from './command-line';
import { spillway } from './program';

void runProgram(spillway, process.argv.slice(2));
