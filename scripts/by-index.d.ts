import type { SourceFile, TypeChecker } from 'typescript';

export function takenByIndex(source: SourceFile, checker: TypeChecker): string;
