global using FsCheck.NUnit;
global using PropertyAttribute = FsCheck.NUnit.PropertyAttribute;
