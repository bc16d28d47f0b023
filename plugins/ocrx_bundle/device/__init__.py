"""The program of a bundle, in parts; `ocrx_bundle.script` joins them to one file.

It runs where ocrx does not: with Python 3.6, NumPy 1.13, OpenCV 4.1 and one runtime.
"""
